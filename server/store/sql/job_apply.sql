-- Makes the jobs of ecosystem $1 those of version $2, which come as one array a column: all of them ($3), or some, and
-- then those to retire have a key alone. Only the difference is written: a row that is already as it should be keeps its
-- xmin and its revision. The difference is a full join, which is never planned as a nested loop, however wrong the
-- estimates of a young table are.
with wanted as materialized (
  select kind, psp, platform, name, store, dataset, workspace, team, capture, schedule, milestoning, priority,
         feeds::text[] as feeds, inputs::text[] as inputs, levels::jsonb as levels,
         requests_memory, limits_memory, requests_cpu, limits_cpu, hint_skipped, timezone
  from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
              $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
              $20::text[], $21::text[], $22::text[], $23::text[], $24::text[])
    as w (kind, psp, platform, name, store, dataset, workspace, team, capture, schedule, milestoning, priority,
          feeds, inputs, levels, requests_memory, limits_memory, requests_cpu, limits_cpu, hint_skipped,
          timezone)
), stored as (
  select * from jobs where ecosystem = $1 and $3::boolean
  union all
  select j.*
  from wanted w
  join jobs j on j.ecosystem = $1 and j.platform = w.platform and j.kind = w.kind and j.name = w.name
  where not $3::boolean
), difference as materialized (
  select j.id as job, w.*
  from wanted w
  full join stored j
    on j.platform = w.platform and j.kind = w.kind and j.name = w.name
  where (j.id is null and w.psp is not null)
     or (w.psp is null and j.retired_in is null)
     or (w.psp is not null
         and (j.retired_in is not null
              or (j.psp, j.store, j.dataset, j.workspace, j.team, j.capture, j.schedule, j.milestoning, j.priority,
                  j.feeds, j.inputs, j.levels, j.requests_memory, j.limits_memory, j.requests_cpu, j.limits_cpu,
                  j.hint_skipped, j.timezone)
                 is distinct from
                 (w.psp, w.store, w.dataset, w.workspace, w.team, w.capture, w.schedule, w.milestoning, w.priority,
                  w.feeds, w.inputs, w.levels, w.requests_memory, w.limits_memory, w.requests_cpu, w.limits_cpu,
                  w.hint_skipped, w.timezone)))
), changed as (
  update jobs j
  set psp = d.psp, store = d.store, dataset = d.dataset, workspace = d.workspace, team = d.team, capture = d.capture,
      schedule = d.schedule, milestoning = d.milestoning, priority = d.priority, feeds = d.feeds, inputs = d.inputs,
      levels = d.levels, requests_memory = d.requests_memory, limits_memory = d.limits_memory,
      requests_cpu = d.requests_cpu, limits_cpu = d.limits_cpu, hint_skipped = d.hint_skipped, timezone = d.timezone,
      version_in = case when j.retired_in is null then j.version_in else $2 end,
      version_changed = $2,
      retired_in = null,
      operation = case when j.retired_in is null then j.operation end, -- it came back: nothing of it is dropped
      -- A job comes back idle, or running when the run that was there as it retired still holds its lease.
      state = case when j.retired_in is null then j.state
                   when exists (select from runs r where r.job = j.id and r.state = 'running') then 'running'
                   else 'idle' end,
      revision = j.revision + 1,
      changed_at = now()
  from difference d
  where j.id = d.job and d.psp is not null
  returning 1
), added as (
  insert into jobs (ecosystem, kind, psp, platform, name, store, dataset, workspace, team, capture, schedule,
                    milestoning, priority, feeds, inputs, levels, requests_memory, limits_memory, requests_cpu,
                    limits_cpu, hint_skipped, timezone, version_in, version_changed)
  select $1, kind, psp, platform, name, store, dataset, workspace, team, capture, schedule, milestoning, priority,
         feeds, inputs, levels, requests_memory, limits_memory, requests_cpu, limits_cpu, hint_skipped, timezone,
         $2, $2
  from difference
  where job is null
  returning 1
), retired as (
  update jobs j
  set state = 'retired', retired_in = $2, version_changed = $2, cause = null, message = null,
      operation = null, revision = j.revision + 1, changed_at = now()
  from difference d
  where j.id = d.job and d.psp is null
  returning 1
)
select (select count(*) from added), (select count(*) from changed), (select count(*) from retired)
