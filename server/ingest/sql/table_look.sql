-- The columns of a table, in their order, and where they stand in its key: of a live table the primary key, of a
-- milestoned one the unique index on live rows. One row without a column's name: the table is there and has none.
select n.oid is not null,
       c.oid is not null,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       a.attnotnull,
       coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
from (select 1) one
left join pg_namespace n on n.nspname = $1
left join pg_class c on c.relnamespace = n.oid and c.relname = $2 and c.relkind in ('r', 'p')
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join lateral (
  select x.indkey from pg_index x
  where x.indrelid = c.oid and x.indisunique and x.indisvalid and (x.indisprimary or x.indpred is not null)
  order by x.indisprimary desc, x.indexrelid
  limit 1
) i on true
order by a.attnum
