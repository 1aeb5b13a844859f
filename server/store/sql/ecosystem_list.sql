select *
  from repository_shown
 where ecosystem > $1 and name = ''
 order by ecosystem
 limit $2::bigint
