-- Runs whose lease passed, oldest first, a bounded number at a time. Where the clock was put back, leases would last until
-- it is there again: they begin anew now, each for as long as it was.
with begun_anew as (
  update runs
  set heartbeat_at = clock_timestamp(), lease_until = clock_timestamp() + (lease_until - heartbeat_at)
  where state = 'running' and heartbeat_at > clock_timestamp() + interval '1 minute'
)
select j.ecosystem, r.id
from runs r
join jobs j on j.id = r.job
where r.state = 'running' and r.lease_until < clock_timestamp()
order by r.lease_until, r.id
limit 100
