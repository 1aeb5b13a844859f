-- Only about the content that was tried.
update forge_reports
   set due_at = clock_timestamp() + $3::bigint * interval '1 millisecond', claimed_until = null, error = $4,
       given_up = $5::boolean and content = $2::jsonb, remote_id = case when $6::boolean then null else remote_id end
 where id = $1::bigint
