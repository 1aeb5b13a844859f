-- Reaches the listeners when the transaction commits.
select pg_notify('yellow', $1)
