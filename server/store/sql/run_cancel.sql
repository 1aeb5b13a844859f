-- Asks a run to stop; the first who asked stays.
update runs
set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
    cancel_requested_by = coalesce(cancel_requested_by, $2)
where id = $1
