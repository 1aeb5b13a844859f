insert into versions (ecosystem, version, commit_oid, author, message, plan, findings, path, rolled_back_to, planned, repository)
values ($1, $2::integer, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9::integer, $10::jsonb, $11)
