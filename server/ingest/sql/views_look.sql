-- The views over some tables, as they are wanted and as they are there. $1 schemas of tables, $2 tables in them (null:
-- all), then each wanted view: $3 schema, $4 name, $5 kind (live, full, as_of), $6 role, $7 schema and $8 name of its
-- table.
with wanted as (
  select * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    with ordinality as w (schema, name, kind, role, table_schema, table_name, place)
), known as (
  select v.schema, v.name, v.kind, v.made from yellow.views v
  where v.table_schema = any ($1::text[]) and ($2::text[] is null or v.table_name = any ($2::text[]))
     or (v.schema, v.name) in (select w.schema, w.name from wanted w)
), there as (
  select coalesce(w.schema, k.schema) as schema, coalesce(w.name, k.name) as name, w.place, k.made,
    coalesce(k.kind, w.kind) as kind, w.role, w.table_schema, w.table_name,
    to_regclass(format('%I.%I', coalesce(w.schema, k.schema), coalesce(w.name, k.name))) as view,
    to_regprocedure(format('%I.%I(integer)', coalesce(w.schema, k.schema), coalesce(w.name, k.name))) as function,
    to_regrole(quote_ident(w.role)) as role_id, to_regnamespace(quote_ident(w.schema)) as schema_id
  from wanted w full join known k on k.schema = w.schema and k.name = w.name
)
select schema, name, kind, coalesce(place, 0), coalesce(made, ''),
  case kind when 'as_of' then function is not null else view is not null end,
  role_id is not null, schema_id is not null, case when place is not null then to_regclass(format('%I.%I', table_schema, table_name)) is not null end,
  coalesce(case kind when 'as_of' then has_function_privilege(role_id, function, 'execute')
           else has_table_privilege(role_id, view, 'select') end
           and has_schema_privilege(role_id, schema_id, 'usage'), false)
from there
order by place nulls first, schema, name
