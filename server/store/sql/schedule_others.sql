-- Places that the jobs of other schedulers than $1 take.
select source, target from schedule_claims where scheduler <> $1 and claimed_until > clock_timestamp()
