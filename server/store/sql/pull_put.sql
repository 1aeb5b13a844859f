insert into pulls (ecosystem, number, head_branch, head_oid, plan, content, base, repository)
values ($1, repository_key($8, $2), $3, $4, $5, $6, $7::integer, $8)
    on conflict (ecosystem, number) do update
   set head_branch = excluded.head_branch, head_oid = excluded.head_oid, plan = excluded.plan,
       content = excluded.content, base = excluded.base, again = false, open = true,
       version = null, planned_at = now(), due_at = now()
