insert into audit (ecosystem, actor, action, object, before, after, request_id)
values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7)
