insert into deliveries (ecosystem, forge, event, forge_id, content_type, payload)
values ($1, $2, $3, $4, $5, $6)
    on conflict (ecosystem, forge, forge_id) do nothing
returning id
