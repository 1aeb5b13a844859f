-- Planned again, unless the head is another one by now, or the pull request is no longer open.
update pulls
   set plan = $4, content = $5, base = $6::integer, again = false, planned_at = now(), due_at = now()
 where ecosystem = $1 and number = repository_key($7, $2) and head_oid = $3 and open and version is null
