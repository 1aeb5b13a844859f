-- Whether this is a database to work in. A claim waits for little: for a run that is just committing. A transaction may
-- be idle while a slow source is read.
select current_setting('server_encoding'),
       to_regclass('yellow.restored') is not null and to_regclass('yellow.marks') is not null,
       set_config('lock_timeout', '2s', false),
       set_config('idle_in_transaction_session_timeout', '0', false)
