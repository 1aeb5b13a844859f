-- How many deliveries wait for their outcome, and for how many seconds the oldest does.
select count(*), coalesce(extract(epoch from now() - min(received_at)), 0)::bigint
  from deliveries where state = 'received'
