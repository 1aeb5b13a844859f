insert into hints (ecosystem, kind, platform, name, requests_memory, limits_memory, requests_cpu, limits_cpu, revision,
                   updated_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (ecosystem, kind, platform, name) do update
set requests_memory = excluded.requests_memory, limits_memory = excluded.limits_memory,
    requests_cpu = excluded.requests_cpu, limits_cpu = excluded.limits_cpu, revision = excluded.revision,
    updated_by = excluded.updated_by, updated_at = now()
