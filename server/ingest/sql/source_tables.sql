-- The tables $1 (quoted names) of a source and their columns, a row each: table, name, type, modifier, the type's name and
-- category, not null, whether the source computes it (which versions before 12 do not); then the table's number, how many
-- rows the planner believes in, whether others hold rows of it, whether the type is a domain (source_columns.sql), the
-- column's number, and whether everybody sees all rows, which lie in a heap.
select c.oid::bigint, a.attname, a.atttypid::bigint, a.atttypmod, format_type(a.atttypid, a.atttypmod), t.typcategory,
       a.attnotnull,
       case when a.atthasdef then coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '' else false end,
       w.number, greatest(c.reltuples, 0)::bigint, c.relhassubclass or c.relkind = 'p', t.typtype = 'd',
       a.attnum, c.relam in (0, 2) and not c.relrowsecurity
from unnest($1::text[]) with ordinality as w (name, number)
left join pg_class c on c.oid = to_regclass(w.name)
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_type t on t.oid = a.atttypid
order by w.number, a.attnum
