select id, forge, event, repository_plain(repository, forge_id), redelivery_of, ref, commit_oid, state, reason, attempts, crashes, version,
       rfc3339(received_at),
       case when state = 'received' then
         rfc3339(due_at)
       end,
       rfc3339(finished_at),
       claimed_until > now(), findings, repository
  from deliveries
 where ecosystem = $1 and id = $2::bigint
