update approvals
   set version = $2::integer
 where id = $1::bigint
