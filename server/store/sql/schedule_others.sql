-- Places that the jobs of other schedulers than $1 take. A claim lasts a minute: one that ends much later was made before
-- the clock was put back.
select source, target from schedule_claims
where scheduler <> $1 and claimed_until between clock_timestamp() and clock_timestamp() + interval '10 minutes'
