-- What the tables $1 (quoted names) of a source are, in their order.
select c.oid::bigint, c.relkind, case when c.oid is not null then format('%I.%I', n.nspname, c.relname) end
from unnest($1::text[]) with ordinality as w (name, number)
left join pg_class c on c.oid = to_regclass(w.name)
left join pg_namespace n on n.oid = c.relnamespace
order by w.number
