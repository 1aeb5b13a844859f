insert into ecosystems (name, url, branch, path, secrets, repository, forge)
values ($1, $2, $3, $4, $5::jsonb, $6, $7::jsonb)
    on conflict (name) do nothing
