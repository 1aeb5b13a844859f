-- The tables $1 (quoted names) of a source, in their order: how many rows the planner believes in, all that holds rows
-- below them (partitions, children), and whether rows have the ids of their transactions.
with recursive tree as (
  select number, to_regclass(name)::oid as oid
  from unnest($1::text[]) with ordinality as w (name, number)
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
select h.estimate, h.relations, coalesce(h.has_transactions, true)
from generate_series(1, cardinality($1::text[])) as w (number)
left join held h using (number)
order by w.number
