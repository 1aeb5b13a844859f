-- Beside the ecosystem's own.
select *
  from repository_shown
 where ecosystem = $1 and name <> '' and name > $2
 order by name
 limit $3::bigint
