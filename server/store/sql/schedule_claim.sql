-- Claims jobs ($2, with sources $3 and targets $4) for scheduler $1, for $5 milliseconds; gives those that it got: a job
-- that another one watches, or that ran since ($6, the run that was its newest; 0: none), is not there. A claim lasts a
-- minute: one that ends much later was made before the clock was put back.
insert into schedule_claims as c (job, scheduler, source, target, claimed_until)
select w.job, $1, w.source, w.target, clock_timestamp() + $5::bigint * interval '1 millisecond'
from unnest($2::bigint[], $3::text[], $4::text[], $6::bigint[]) as w (job, source, target, run)
where not exists (select from runs r where r.job = w.job and r.state = 'running' and r.lease_until >= clock_timestamp())
  and not exists (select from jobs j join runs r on r.job = j.id and r.fence = j.fence where j.id = w.job and r.id <> w.run)
on conflict (job) do update
  set scheduler = excluded.scheduler, source = excluded.source, target = excluded.target,
      claimed_until = excluded.claimed_until
  where c.claimed_until not between clock_timestamp() and clock_timestamp() + interval '10 minutes' or c.scheduler = $1
returning job
