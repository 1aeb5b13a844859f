-- Not one that was taken back since the plan was judged.
update approvals
   set version = $2::integer
 where id = $1::bigint and withdrawn_at is null
