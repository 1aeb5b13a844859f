-- Claims jobs ($2, with sources $3 and targets $4) for scheduler $1, for $5 milliseconds; gives those that it got: a job
-- that another one watches, or that runs, is not there.
insert into schedule_claims as c (job, scheduler, source, target, claimed_until)
select w.job, $1, w.source, w.target, clock_timestamp() + $5::bigint * interval '1 millisecond'
from unnest($2::bigint[], $3::text[], $4::text[]) as w (job, source, target)
where not exists (select from runs r where r.job = w.job and r.state = 'running' and r.lease_until >= clock_timestamp())
on conflict (job) do update
  set scheduler = excluded.scheduler, source = excluded.source, target = excluded.target,
      claimed_until = excluded.claimed_until
  where c.claimed_until <= clock_timestamp() or c.scheduler = $1
returning job
