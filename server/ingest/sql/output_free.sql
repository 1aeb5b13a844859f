-- Ends what older runs of a transformer still have open: transactions that begin or publish, which are known by an
-- advisory lock, and whatever holds a table of the new output that they were making. $1 transformer, $2 its schema.
select count(pg_terminate_backend(pid, 5000))
from (
  select pid from pg_locks
  where locktype = 'advisory' and classid = 1497713742 and objid = ($1 % 2147483647)::oid and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())
  union
  select l.pid
  from pg_locks l
  join pg_class c on c.oid = l.relation
  join pg_namespace n on n.oid = c.relnamespace
  where l.locktype = 'relation' and n.nspname = $2
    and l.database = (select oid from pg_database where datname = current_database())
) older
where pid <> pg_backend_pid()
