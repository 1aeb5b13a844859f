-- The tables $1 (quoted names) of a source, in their order: what they are, with all that holds rows below them
-- (partitions, children), how many rows the planner believes in, and whether rows have the ids of their transactions.
with recursive wanted as (
  select number, to_regclass(name)::oid as oid
  from unnest($1::text[]) with ordinality as w (name, number)
), tree as (
  select number, oid from wanted where oid is not null
  union
  select t.number, i.inhrelid from tree t join pg_inherits i on i.inhparent = t.oid
), held as (
  select t.number, array_agg(c.oid::bigint order by c.oid) as relations,
         sum(greatest(c.reltuples, 0))::bigint as estimate,
         bool_and(c.relkind in ('r', 'm')) as has_transactions
  from tree t join pg_class c on c.oid = t.oid
  where c.relkind in ('r', 'm', 'f', 'v')
  group by t.number
)
select w.number, w.oid::bigint, c.relkind, case when c.oid is not null then format('%I.%I', n.nspname, c.relname) end,
       h.estimate, h.relations, coalesce(h.has_transactions, true)
from wanted w
left join pg_class c on c.oid = w.oid
left join pg_namespace n on n.oid = c.relnamespace
left join held h on h.number = w.number
order by w.number
