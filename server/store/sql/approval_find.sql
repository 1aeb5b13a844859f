select id, plan, reason, approved_by, rfc3339(approved_at), version
  from approvals
 where ecosystem = $1 and plan = $2
