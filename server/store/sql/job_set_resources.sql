-- The effective four values after a hint came, changed or went; the new revision is the hint's too.
update jobs
set requests_memory = $2, limits_memory = $3, requests_cpu = $4, limits_cpu = $5, hint_skipped = null,
    revision = revision + 1, changed_at = now()
where id = $1
returning revision
