select id, forge, event, repository_plain(repository, forge_id), redelivery_of, ref, commit_oid, state, reason, attempts, crashes, version,
       rfc3339(received_at),
       case when state = 'received' then
         rfc3339(due_at)
       end,
       rfc3339(finished_at),
       claimed_until > now(), null, repository
  from deliveries
 where ecosystem = $1
   and ($2::bigint is null or id < $2::bigint)
   and ($3::text is null or state = $3)
   and ($4::text is null or event = $4)
 order by id desc
 limit $5::bigint
