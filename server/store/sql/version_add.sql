insert into versions (ecosystem, version, commit_oid, author, message, plan, findings, path)
values ($1, $2::integer, $3, $4, $5, $6::jsonb, $7::jsonb, $8)
