-- What is told already, or waits to be told as it is, is left alone.
insert into forge_reports as r (ecosystem, kind, subject, content, repository)
select ecosystem, $2, repository_key(name, $3), $4::jsonb, name
  from repository_rows
 where ecosystem = $1 and name = $5 and forge is not null
    on conflict (ecosystem, kind, subject) do update
   set content = excluded.content, attempts = 0, due_at = now(), error = null, given_up = false, changed_at = now()
 where r.content is distinct from excluded.content
