-- A repository whose objects version $2 has, and which is registered no more.
select c.repository
  from version_commits c
 where c.ecosystem = $1 and $2::integer between c.version_in and c.version_out and c.repository <> ''
   and not exists (select from repositories r where r.ecosystem = c.ecosystem and r.name = c.repository)
   and exists (select
                 from objects o
                where o.ecosystem = c.ecosystem and $2::integer between o.version_in and o.version_out
                  and starts_with(o.path, '//' || c.repository || '/'))
 order by c.repository
 limit 1
