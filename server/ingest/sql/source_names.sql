-- What the tables $1 (quoted names) of a source are, in their order. One without a schema is looked for where PostgreSQL
-- does by itself: its own, the user's, public; a schema that the user may not use is passed over.
select c.oid::bigint, c.relkind, case when c.oid is not null then format('%I.%I', n.nspname, c.relname) end
from unnest($1::text[]) with ordinality as w (name, number)
left join pg_class c on c.oid = case when cardinality(parse_ident(w.name)) > 1 then to_regclass(w.name) else coalesce(
  to_regclass('pg_catalog.' || w.name),
  case when has_schema_privilege(to_regnamespace(quote_ident(current_user))::oid, 'usage')
       then to_regclass(quote_ident(current_user) || '.' || w.name) end,
  case when has_schema_privilege(to_regnamespace('public')::oid, 'usage') then to_regclass('public.' || w.name) end) end
left join pg_namespace n on n.oid = c.relnamespace
order by w.number
