-- Runs whose lease passed, oldest first, a bounded number at a time.
select j.ecosystem, r.id
from runs r
join jobs j on j.id = r.job
where r.state = 'running' and r.lease_until < clock_timestamp()
order by r.lease_until, r.id
limit 100
