insert into runs (job, fence, batch, attempt, started_by, lease_until)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond')
returning id
