-- Jobs of one kind in order of their key, after ($8, $9) when given; a filter that is null takes all.
select
  j.id, j.ecosystem, j.kind, j.psp, j.platform, j.name, j.store, j.dataset, j.workspace, j.team, j.capture, j.schedule,
  j.milestoning, j.priority, j.feeds, j.inputs, j.levels, j.requests_memory, j.limits_memory, j.requests_cpu,
  j.limits_cpu, j.hint_skipped, j.version_in, j.version_changed, j.retired_in, j.state, j.revision, j.fence, j.batch,
  j.batch_state, j.watermark, rfc3339(j.last_commit_at), j.cause, j.message, rfc3339(j.changed_at),
  r.id, r.started_by, rfc3339(r.started_at), rfc3339(r.lease_until), r.lease_until < clock_timestamp(), r.progress,
  h.revision, h.requests_memory, h.limits_memory, h.requests_cpu, h.limits_cpu, h.updated_by, rfc3339(h.updated_at)
from jobs j
left join runs r on r.job = j.id and r.state = 'running'
left join hints h on h.ecosystem = j.ecosystem and h.kind = j.kind and h.platform = j.platform and h.name = j.name
where j.ecosystem = $1 and j.kind = $2
  and ($3::text is null or j.psp = $3)
  and ($4::text is null or j.platform = $4)
  and ($5::text is null or j.store = $5)
  and ($6::text is null or j.team = $6)
  and ($7::text is null or j.state = $7)
  and (j.platform, j.name) > (coalesce($8, ''), coalesce($9, ''))
order by j.platform, j.name
limit $10
