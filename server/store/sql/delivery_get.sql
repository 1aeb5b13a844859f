select id, forge, event, forge_id, redelivery_of, ref, commit_oid, state, reason, attempts, crashes, version,
       to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       case when state = 'received' then
         to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       end,
       to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       claimed_until > now(), findings
  from deliveries
 where ecosystem = $1 and id = $2::bigint
