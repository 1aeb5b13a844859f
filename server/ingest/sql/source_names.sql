-- What the tables $1 (quoted names) of a source are, in their order. One without a schema is looked for where PostgreSQL
-- does by itself: its own, the user's, public.
select c.oid::bigint, c.relkind, case when c.oid is not null then format('%I.%I', n.nspname, c.relname) end
from unnest($1::text[]) with ordinality as w (name, number)
left join pg_class c on c.oid = case when cardinality(parse_ident(w.name)) > 1 then to_regclass(w.name) else (
  select t.oid
  from pg_class t
  join pg_namespace s on s.oid = t.relnamespace
  where t.relname = (parse_ident(w.name))[1] and s.nspname in ('pg_catalog', current_user, 'public')
    and has_schema_privilege(s.oid, 'usage')
  order by s.nspname <> 'pg_catalog', s.nspname = 'public'
  limit 1) end
left join pg_namespace n on n.oid = c.relnamespace
order by w.number
