-- Milliseconds until something may be claimed or expires. What waits behind a claim of its ecosystem does not count.
select ceil(extract(epoch from least(
         (select min(claimed_until) from deliveries where state = 'received' and claimed_by is not null),
         (select min(d.due_at)
            from waiting_ecosystems w
           cross join lateral (select due_at
                                 from deliveries
                                where ecosystem = w.ecosystem and state = 'received' and claimed_by is null
                                order by due_at
                                limit 1) d
           where not exists (select from deliveries o
                              where o.ecosystem = w.ecosystem and o.state = 'received' and o.claimed_by is not null))
       ) - now()) * 1000)::bigint
