-- A claim whose answer was lost: its worker does not know of what.
update deliveries
   set due_at = now(), reason = $2, claimed_by = null, claimed_until = null
 where state = 'received' and claimed_by = $1
