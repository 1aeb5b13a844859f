-- What a run changed of its job.
update jobs
set state = $2, fence = $3, batch = $4, batch_state = $5, watermark = $6, cause = $7, message = $8,
    last_commit_at = case when $9::boolean then clock_timestamp() else last_commit_at end,
    revision = revision + 1, changed_at = now()
where id = $1
