-- The statement that takes the index of a new table's key off again: a live table's is its primary key.
select format(case when x.indisprimary then 'alter table %1$s drop constraint %2$I' else 'drop index %3$I.%2$I' end,
              x.indrelid::regclass, i.relname, n.nspname)
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_namespace n on n.oid = i.relnamespace
where x.indrelid = format('%I.%I', $1::text, $2::text)::regclass
