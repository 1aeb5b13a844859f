-- Ends who still reads the last output of transformer $1, with its locks: an older run that stands still.
select count(pg_terminate_backend(pid, 5000))
from pg_locks
where locktype = 'advisory' and classid = 1497713743 and objid = ($1 % 2147483647)::oid and objsubid = 2
  and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()
