update runs
set state = $2, finished_at = clock_timestamp(), counts = $3::jsonb, watermark = $4, cause = $5, message = $6,
    report_hash = $7
where id = $1
