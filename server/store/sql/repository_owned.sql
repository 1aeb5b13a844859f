-- What of the repository is in force: the first few objects, and how many there are.
select kind, name, count(*) over ()
  from objects
 where ecosystem = $1 and version_out = 2147483647 and starts_with(path, '//' || $2 || '/')
 order by kind, name
 limit 5
