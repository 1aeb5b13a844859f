-- What an operator changed of a job. $5: a run is asked for now, by $6; $7: what the next run does, or null.
update jobs
set state = $2, cause = $3, message = $4,
    run_requested_at = case when $5::boolean then clock_timestamp() else run_requested_at end,
    run_requested_by = case when $5::boolean then $6 else run_requested_by end,
    operation = $7::jsonb, revision = revision + 1, changed_at = now()
where id = $1
