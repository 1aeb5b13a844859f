select pg_advisory_xact_lock(hashtext('yellow ecosystem'), hashtext($1))
