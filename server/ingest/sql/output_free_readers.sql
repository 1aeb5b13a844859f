-- Ends who reads the last output of a transformer, in schema $1, for Yellow (in sessions called $2): older runs that stand
-- still. People who look at them are waited for.
select count(pg_terminate_backend(l.pid, 5000))
from pg_locks l
join pg_class c on c.oid = l.relation
join pg_namespace n on n.oid = c.relnamespace
join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation' and n.nspname = $1 and a.application_name = $2 and a.usename = current_user
  and l.database = (select oid from pg_database where datname = current_database()) and l.pid <> pg_backend_pid()
