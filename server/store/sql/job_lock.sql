-- Locks the row of one job. What hangs on it (runs, batches, hint) is read afterwards, by statements of their own, and
-- so as it is once the lock is held.
select id from jobs where ecosystem = $1 and kind = $2 and platform = $3 and name = $4 for no key update
