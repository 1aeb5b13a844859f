-- Ends the transactions that older runs of the stream still have open: a stopped process holds its locks for ever. They
-- know each other by advisory locks: of transactions that write, and of sessions that read tables beside them. Nothing of a
-- newer run, which may have come while this one stood still itself. $1 stream, $2 fence.
select count(pg_terminate_backend(pid, 5000))
from pg_locks
where locktype = 'advisory' and classid in (1497713740, 1497713741) and objid = ($1 % 2147483647)::oid and objsubid = 2
  and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()
  and exists (select from yellow.streams where id = $1 and fence <= $2)
