-- Another repository, beside the ecosystem's own, that has the address or the name of this one.
select name, url = $3
  from repositories
 where ecosystem = $1 and name <> $2 and branch = $4 and (url = $3 or repository = $5)
 order by name
 limit 1
