-- The batch's new state, with what came with it.
update batches
set state = $3,
    ingested_at = case when $3 = 'ingested' and ingested_at is null then clock_timestamp() else ingested_at end,
    committed_at = case when $3 = 'committed' then clock_timestamp() else committed_at end,
    failed_at = case when $3 = 'failed' then clock_timestamp() else failed_at end,
    counts = coalesce($4::jsonb, counts), watermark = coalesce($5, watermark), cause = $6, message = $7
where job = $1 and batch = $2
