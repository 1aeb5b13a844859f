select id, forge, event, forge_id, redelivery_of, ref, commit_oid, state, reason, attempts, crashes, version,
       to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       case when state = 'received' then
         to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       end,
       to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       claimed_until > now(), null
  from deliveries
 where ecosystem = $1
   and ($2::bigint is null or id < $2::bigint)
   and ($3::text is null or state = $3)
   and ($4::text is null or event = $4)
 order by id desc
 limit $5::bigint
