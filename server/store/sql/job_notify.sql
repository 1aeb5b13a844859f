-- Tells every replica, once this transaction commits, that jobs of an ecosystem changed.
select pg_notify('yellow', 'jobs ' || $1)
