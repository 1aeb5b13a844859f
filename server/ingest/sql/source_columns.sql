-- The columns of the tables $1 (quoted names), domains as their base types, and whether the source computes them, which
-- versions before 12 do not.
with recursive columns as (
  select a.attrelid, a.attnum, a.attname, a.attnotnull, a.atttypmod as modifier, t.oid as type, t.typtype, t.typbasetype,
         t.typtypmod, t.typcategory, t.typnotnull, coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '' as generated
  from pg_attribute a join pg_type t on t.oid = a.atttypid
  where a.attrelid = any (select to_regclass(name)::oid from unnest($1::text[]) as w (name))
    and a.attnum > 0 and not a.attisdropped
  union all
  select c.attrelid, c.attnum, c.attname, c.attnotnull or c.typnotnull,
         case when c.modifier = -1 then c.typtypmod else c.modifier end, t.oid, t.typtype, t.typbasetype, t.typtypmod,
         t.typcategory, t.typnotnull, c.generated
  from columns c join pg_type t on t.oid = c.typbasetype
  where c.typtype = 'd'
)
select attrelid::bigint, attname, type::bigint, modifier, format_type(type, modifier), typcategory, attnotnull,
       generated
from columns
where typtype <> 'd'
order by attrelid, attnum
