-- What a scheduler knows of jobs, of all ecosystems: those that changed after $1 (milliseconds since 1970; 0: all), with
-- their newest run. Times are milliseconds too, by the database's clock.
select j.id, j.ecosystem, j.kind, j.platform, j.name, j.psp, j.store, j.schedule, j.timezone, j.priority, j.inputs,
  j.version_changed, j.state, j.operation is not null,
  floor(extract(epoch from j.changed_at) * 1000)::bigint,
  floor(extract(epoch from j.last_commit_at) * 1000)::bigint,
  floor(extract(epoch from j.run_requested_at) * 1000)::bigint,
  floor(extract(epoch from r.started_at) * 1000)::bigint,
  floor(extract(epoch from r.finished_at) * 1000)::bigint,
  r.attempt, r.id, r.started_by, r.cancel_requested_at is not null, r.state = 'running',
  j.requests_memory, j.limits_memory, j.requests_cpu, j.limits_cpu
from jobs j
left join runs r on r.job = j.id and r.fence = j.fence
where j.changed_at >= to_timestamp($1::bigint / 1000.0)
order by j.id
