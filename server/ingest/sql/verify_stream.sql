-- The batches of a stream: the last, how many are committed or were gone with a restored database, the first of them,
-- and how many stand after the open one.
with there as (
  select b.stream, b.batch as first, 1 as count from yellow.batches b where b.state = 'committed'
  union all
  select r.stream, r.first, r.last - r.first + 1 from yellow.restored r
)
select s.id, s.batch,
       (select coalesce(sum(t.count), 0) from there t where t.stream = s.id),
       (select coalesce(min(t.first), 1) from there t where t.stream = s.id),
       (select count(*) from yellow.batches b where b.stream = s.id and b.batch > s.batch + 1)
from yellow.streams s
where s.ecosystem = $1 and s.platform = $2 and s.name = $3
