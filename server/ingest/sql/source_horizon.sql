-- Where the snapshot of this transaction ends: transactions below the horizon are over, and those of the snapshot that
-- are not are at or above it. And whose transactions these are: another cluster, another timeline after a failover or
-- another database count, or hold, others.
select txid_snapshot_xmin(s), txid_snapshot_xmax(s),
       concat_ws('/',
                 case when has_function_privilege('pg_control_system()', 'execute')
                      then (select system_identifier::text from pg_control_system()) end,
                 case when not pg_is_in_recovery() then substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                      when has_function_privilege('pg_control_checkpoint()', 'execute')
                      then (select lpad(upper(to_hex(timeline_id)), 8, '0') from pg_control_checkpoint()) end,
                 (select oid from pg_database where datname = current_database()))
from txid_current_snapshot() as s
