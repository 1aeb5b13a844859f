-- One scheduler decides at a time.
select pg_advisory_xact_lock(hashtext('yellow.schedule'))
