update deliveries
   set due_at = now() + $3::bigint * interval '1 millisecond', reason = $4, claimed_by = null, claimed_until = null
 where id = $1::bigint and claimed_by = $2 and state = 'received'
