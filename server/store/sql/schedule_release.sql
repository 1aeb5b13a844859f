-- Gives claims of scheduler $1 back: those of jobs $2, or all when it is null.
delete from schedule_claims where scheduler = $1 and ($2::bigint[] is null or job = any ($2::bigint[]))
