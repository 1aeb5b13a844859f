select id, plan, reason, approved_by, rfc3339(approved_at), version, rfc3339(withdrawn_at), withdrawn_by
  from approvals
 where ecosystem = $1 and id = $2::bigint
