insert into ecosystems (name, url, branch, path, secrets, repository)
values ($1, $2, $3, $4, $5::jsonb, $6)
    on conflict (name) do nothing
