-- Versions to come have no commit of it.
update version_commits c
   set version_out = e.version
  from ecosystems e
 where e.name = $1 and c.ecosystem = e.name and c.repository = $2 and c.version_out = 2147483647
