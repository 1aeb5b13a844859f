update deliveries
   set crashes = crashes + 1, claimed_by = null, claimed_until = null, reason = $5,
       due_at = now() + $3::bigint * interval '1 millisecond',
       state = case when crashes + 1 >= $4::integer then 'quarantined' else state end,
       finished_at = case when crashes + 1 >= $4::integer then now() end
 where id = $1::bigint and claimed_by = $2 and state = 'received'
returning state
