-- Opens batch $2 of job $1, or takes the open one up again; gives the number of this attempt.
insert into batches (job, batch, state, attempts)
values ($1, $2, $3, 1)
on conflict (job, batch) do update
set state = excluded.state, attempts = batches.attempts + 1, ingested_at = null, failed_at = null, cause = null,
    message = null
returning attempts
