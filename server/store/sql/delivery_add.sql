insert into deliveries (ecosystem, forge, event, forge_id, content_type, payload, repository)
values ($1, $2, $3, repository_key($7, $4), $5, $6, $7)
    on conflict (ecosystem, forge, forge_id) do nothing
returning id
