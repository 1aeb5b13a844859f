-- The operation $2 was done by a run: the next one has nothing to do beside its batch, unless another was asked for.
update jobs
set operation = null, revision = revision + 1, changed_at = now()
where id = $1 and (operation ->> 'id')::bigint = $2
