-- Whether this is a database to work in; a wait for another's lock has an end.
select current_setting('server_encoding'),
       to_regclass('yellow.views') is not null,
       set_config('lock_timeout', '20s', false)
