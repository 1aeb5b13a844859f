-- Batches whose counts of a dataset, since its table was made, are not what its rows tell (pg_temp.yellow_seen: batch,
-- inserted, updated, deleted). $1 stream, $2 dataset, $3 whether ended rows are kept; otherwise rows that were replaced
-- since are not there. $4 how many at most.
with counted as (
  select b.batch, c.one ->> 'way' as way, (c.one ->> 'inserted')::bigint as inserted,
         (c.one ->> 'updated')::bigint as updated, (c.one ->> 'deleted')::bigint as deleted
  from yellow.batches b, lateral (select b.counts -> 'datasets' -> $2 as one) c
  where b.stream = $1 and b.state = 'committed' and c.one is not null
), sides as (
  select batch, coalesce(s.inserted, 0) as seen_in, coalesce(s.updated, 0) as seen_up, coalesce(s.deleted, 0) as seen_out,
         coalesce(c.inserted, 0) as inserted, coalesce(c.updated, 0) as updated, coalesce(c.deleted, 0) as deleted
  from pg_temp.yellow_seen s
  full join (select * from counted
             where batch >= coalesce((select max(batch) from counted where way = 'rebuild'), 0)) c using (batch)
)
select batch, seen_in, seen_up, seen_out, inserted, updated, deleted
from sides
where case when $3 then (seen_in, seen_up, seen_out) <> (inserted, updated, deleted) else seen_in > inserted + updated end
order by batch
limit $4
