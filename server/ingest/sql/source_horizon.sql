-- Where the snapshot of this transaction ends: transactions below the horizon are over, and those of the snapshot that
-- are not are at or above it. How old horizon and $1, the horizon of the batch before, are: as age(xmin) of rows counts,
-- throughout this transaction. And whose transactions these are: in another cluster, on another timeline after a
-- failover, or in another database they are others.
select txid_snapshot_xmin(s), txid_snapshot_xmax(s),
       age(greatest(txid_snapshot_xmin(s) % 4294967296, 3)::text::xid),
       age(greatest($1::bigint % 4294967296, 3)::text::xid),
       concat_ws('/',
                 case when has_function_privilege('pg_control_system()', 'execute')
                      then (select system_identifier::text from pg_control_system()) end,
                 case when not pg_is_in_recovery() then substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                      when has_function_privilege('pg_control_checkpoint()', 'execute')
                      then (select lpad(upper(to_hex(timeline_id)), 8, '0') from pg_control_checkpoint()) end,
                 (select oid from pg_database where datname = current_database()))
from txid_current_snapshot() as s
