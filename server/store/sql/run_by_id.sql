-- One run.
select r.id, r.job, j.ecosystem, j.kind, j.platform, j.name, r.fence, r.batch, r.attempt, r.state, r.started_by,
  rfc3339(r.started_at), rfc3339(r.heartbeat_at), rfc3339(r.lease_until), r.lease_until < clock_timestamp(),
  rfc3339(r.finished_at), r.progress, r.counts, r.watermark, r.cause, r.message, r.report_hash, b.state,
  r.cancel_requested_by
from runs r
join jobs j on j.id = r.job
join batches b on b.job = r.job and b.batch = r.batch
where j.ecosystem = $1 and r.id = $2
