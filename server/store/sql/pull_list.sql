-- Those that no version has brought in force; the last ones that were planned.
select repository_plain(repository, number), head_branch, head_oid, plan, content, base
  from pulls
 where ecosystem = $1 and repository = $2 and version is null and plan is not null
 order by planned_at desc
 limit 100
