-- A claim that nobody renewed: its worker is gone, perhaps because of this very delivery. One whose outcome is being
-- written after all is left alone: to wait for a transaction that stands still would be to stand still with it.
update deliveries
   set crashes = crashes + 1, claimed_by = null, claimed_until = null, due_at = now(),
       state = case when crashes + 1 >= $1::integer then 'quarantined' else state end,
       finished_at = case when crashes + 1 >= $1::integer then now() end,
       reason = case when crashes + 1 >= $1::integer
                     then format('the worker ended without an outcome %s times', crashes + 1)
                     else format('the worker ended without an outcome (%s of %s times)', crashes + 1, $1::integer) end
 where id in (select id from deliveries where state = 'received' and claimed_until < now() for update skip locked)
returning id, ecosystem, state, reason
