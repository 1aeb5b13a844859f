insert into ecosystems (name, url, branch, path, secrets)
values ($1, $2, $3, $4, $5::jsonb)
    on conflict (name) do nothing
