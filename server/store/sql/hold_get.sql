select h.id, h.scope, h.commit_oid, h.reason, h.held_by, rfc3339(h.held_at), h.version, v.rolled_back_to,
       h.released_by, rfc3339(h.released_at)
  from holds h
  left join versions v on v.ecosystem = h.ecosystem and v.version = h.version
 where h.ecosystem = $1 and h.id = $2::bigint
