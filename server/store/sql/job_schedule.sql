-- What a scheduler needs of a PSP's jobs in force, in order of kind, platform and name, after ($3, $4, $5) when given.
select kind, platform, name, store, schedule, priority, inputs, requests_memory, limits_memory, requests_cpu, limits_cpu,
  timezone, state, workspace
from jobs
where ecosystem = $1 and psp = $2 and retired_in is null
  and (kind, platform, name) > (coalesce($3, ''), coalesce($4, ''), coalesce($5, ''))
order by kind, platform, name
limit $6
