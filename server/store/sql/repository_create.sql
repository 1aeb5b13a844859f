insert into repositories (ecosystem, name, url, branch, path, secrets, repository, forge)
values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb)
