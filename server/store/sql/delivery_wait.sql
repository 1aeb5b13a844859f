-- Milliseconds until something may be claimed or expires. What waits behind a claim of its ecosystem does not count.
select ceil(extract(epoch from min(coalesce(claimed_until, due_at)) - now()) * 1000)::bigint
  from deliveries d
 where state = 'received'
   and (claimed_by is not null
        or not exists (select from deliveries o
                        where o.ecosystem = d.ecosystem and o.state = 'received' and o.claimed_by is not null))
