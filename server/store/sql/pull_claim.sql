-- One open pull request whose plan is against another version than the one in force, or is to be told again; not for anybody else for a minute.
update pulls
   set due_at = now() + interval '1 minute'
 where (ecosystem, number) = (select p.ecosystem, p.number
                                from pulls p
                                join repository_rows e on e.ecosystem = p.ecosystem and e.name = p.repository
                               where p.open and p.version is null and p.due_at <= now() and (p.base <> e.version or p.again)
                               order by p.due_at
                               limit 1
                                 for update of p skip locked)
returning ecosystem, repository_plain(repository, number), head_branch, head_oid, content, repository, again
