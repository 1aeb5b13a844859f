-- A heartbeat: the lease grows from now on; progress stays when none comes.
update runs
set heartbeat_at = clock_timestamp(), lease_until = clock_timestamp() + $2 * interval '1 millisecond',
    progress = coalesce($3::jsonb, progress)
where id = $1
