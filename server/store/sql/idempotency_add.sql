insert into idempotency_keys (token_id, key, request_hash, status, location, body)
values ($1::bigint, $2, $3, $4::integer, $5, $6)
