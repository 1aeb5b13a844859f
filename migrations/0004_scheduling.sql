-- What a scheduler of Yellow's own, and operators, write on a job.
alter table jobs
  add column timezone text not null default 'UTC',  -- of the cron in `schedule`
  add column run_requested_at timestamptz,          -- "run now": due until a run starts after it
  add column run_requested_by text,
  -- What the next run does to the stream's data in the merge database, in the batch's own transaction:
  -- {"id", "kind": "reset" | "resnapshot" | "rewind" | "drop", "watermark", "by", "at"}; null: nothing.
  add column operation jsonb;
alter table jobs drop constraint jobs_state;
alter table jobs add constraint jobs_state
  check (state in ('idle', 'running', 'failed', 'lost', 'paused', 'retired'));
-- Schedulers read what changed since they looked last.
create index jobs_changed on jobs (changed_at);

-- A run that somebody asked to stop: its next heartbeat is told so.
alter table runs
  add column cancel_requested_at timestamptz,
  add column cancel_requested_by text;

-- Jobs that a scheduler starts, or whose process it watches: what limits of several schedulers are counted by.
create table schedule_claims (
  job          bigint primary key references jobs (id),
  scheduler    text not null,
  source       text,                          -- containers of the model, by name
  target       text not null,
  claimed_until timestamptz not null          -- renewed while the scheduler lives
);

create or replace view job_rows as
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
  rfc3339(h.updated_at) as hint_updated_at,
  j.timezone, rfc3339(j.run_requested_at) as run_requested_at, j.run_requested_by, j.operation,
  rfc3339(r.cancel_requested_at) as run_cancel_requested_at, r.cancel_requested_by as run_cancel_requested_by
from jobs j
left join runs r on r.job = j.id and r.state = 'running'
left join hints h on h.ecosystem = j.ecosystem and h.kind = j.kind and h.platform = j.platform and h.name = j.name;
