-- $2: 'held', 'released', or null for both.
select h.id, h.scope, h.commit_oid, h.reason, h.held_by, rfc3339(h.held_at), h.version, v.rolled_back_to,
       h.released_by, rfc3339(h.released_at)
  from holds h
  left join versions v on v.ecosystem = h.ecosystem and v.version = h.version
 where h.ecosystem = $1 and ($2::text is null or (h.released_at is null) = ($2 = 'held')) and h.id < $3::bigint
 order by h.id desc
 limit $4::bigint
