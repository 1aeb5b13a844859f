-- Two requests with one key come one after the other.
select pg_advisory_xact_lock(hashtext('yellow idempotency'), hashtext($1 || ' ' || $2))
