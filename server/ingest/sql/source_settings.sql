-- A source's session: no deadline for a long COPY, but one for a lock somebody else holds; what the server's version
-- does not know is left out.
select set_config(s.name, w.value, false)
from (values ('lock_timeout', '30s'), ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
             ('transaction_timeout', '0'), ('extra_float_digits', '3')) as w (name, value)
join pg_settings s using (name)
