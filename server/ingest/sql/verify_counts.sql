-- What the committed batches counted of a dataset, since its table was made: live rows, and rows that were inserted or
-- replaced; and the batches whose counts do not add up, or say another number of bad rows than were put aside. $1
-- stream, $2 dataset.
with counted as (
  select b.batch, c.one ->> 'way' as way, (c.one ->> 'read')::bigint as read, (c.one ->> 'inserted')::bigint as inserted,
         (c.one ->> 'updated')::bigint as updated, (c.one ->> 'deleted')::bigint as deleted,
         (c.one ->> 'unchanged')::bigint as unchanged, (c.one ->> 'quarantined')::bigint as quarantined,
         (select count(*) from yellow.quarantine q
          where q.stream = b.stream and q.batch = b.batch and q.dataset = $2) as put_aside
  from yellow.batches b, lateral (select b.counts -> 'datasets' -> $2 as one) c
  where b.stream = $1 and b.state = 'committed' and c.one is not null
), since as (
  select * from counted where batch >= coalesce((select max(batch) from counted where way = 'rebuild'), 0)
)
select coalesce((select sum(inserted) - sum(deleted) from since), 0),
       coalesce((select sum(updated) + sum(deleted) from since), 0),
       (select string_agg(batch::text, ', ' order by batch) from counted
        where read <> inserted + updated + unchanged + quarantined or quarantined <> put_aside)
