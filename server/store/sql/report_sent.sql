-- What was sent, which may not be what is wanted by now.
update forge_reports
   set sent = $2::jsonb, remote_id = coalesce($3, remote_id), claimed_until = null, error = null
 where id = $1::bigint
