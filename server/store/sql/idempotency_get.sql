select request_hash, status, location, body from idempotency_keys where token_id = $1::bigint and key = $2
