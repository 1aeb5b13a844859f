-- A job with its live run and its hint, as the server reads it: one list of columns for every way to find one. A column
-- that comes later goes to the end, where `create or replace view` can add it and an older server does not see it.
create view job_rows as
select
  j.id, j.ecosystem, j.kind, j.psp, j.platform, j.name, j.store, j.dataset, j.workspace, j.team, j.capture, j.schedule,
  j.milestoning, j.priority, j.feeds, j.inputs, j.levels, j.requests_memory, j.limits_memory, j.requests_cpu,
  j.limits_cpu, j.hint_skipped, j.version_in, j.version_changed, j.retired_in, j.state, j.revision, j.fence, j.batch,
  j.batch_state, j.watermark, rfc3339(j.last_commit_at) as last_commit_at, j.cause, j.message,
  rfc3339(j.changed_at) as changed_at,
  r.id as run_id, r.started_by as run_started_by, rfc3339(r.started_at) as run_started_at,
  rfc3339(r.lease_until) as run_lease_until, r.lease_until < clock_timestamp() as run_expired,
  r.progress as run_progress,
  h.revision as hint_revision, h.requests_memory as hint_requests_memory, h.limits_memory as hint_limits_memory,
  h.requests_cpu as hint_requests_cpu, h.limits_cpu as hint_limits_cpu, h.updated_by as hint_updated_by,
  rfc3339(h.updated_at) as hint_updated_at
from jobs j
left join runs r on r.job = j.id and r.state = 'running'
left join hints h on h.ecosystem = j.ecosystem and h.kind = j.kind and h.platform = j.platform and h.name = j.name;
