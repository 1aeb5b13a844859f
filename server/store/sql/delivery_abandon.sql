-- The process of this name is dead: its claims end now instead of with their leases.
update deliveries set claimed_until = now() - interval '1 millisecond'
 where state = 'received' and claimed_by like $1 || '/%'
