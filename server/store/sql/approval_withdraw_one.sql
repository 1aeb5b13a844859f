-- What is in force already stays approved.
update approvals
   set withdrawn_at = now(), withdrawn_by = $3
 where ecosystem = $1 and id = $2::bigint and version is null and withdrawn_at is null
returning id, plan, reason, approved_by, rfc3339(approved_at), version, rfc3339(withdrawn_at), withdrawn_by
