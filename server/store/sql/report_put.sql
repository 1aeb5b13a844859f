-- What is told already, or waits to be told as it is, is left alone.
insert into forge_reports as r (ecosystem, kind, subject, content)
select name, $2, $3, $4::jsonb from ecosystems where name = $1 and forge is not null
    on conflict (ecosystem, kind, subject) do update
   set content = excluded.content, attempts = 0, due_at = now(), error = null, given_up = false, changed_at = now()
 where r.content is distinct from excluded.content
