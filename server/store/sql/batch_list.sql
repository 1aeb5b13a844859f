-- Batches of one job, newest first, before batch $2 when given.
select batch, state, attempts, rfc3339(started_at), rfc3339(ingested_at), rfc3339(committed_at), rfc3339(failed_at),
  counts, watermark, cause, message
from batches
where job = $1 and ($2::bigint is null or batch < $2)
order by batch desc
limit $3
