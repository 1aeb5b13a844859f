-- One ecosystem whose turn it is, and when its next turn is: between 0.9 and 1.1 of the interval, so that a thousand of
-- them, or two replicas, do not ask their forge at the same moment. Not while a delivery is open: its fetch will see
-- whatever there is.
update ecosystems
   set poll_at = clock_timestamp() + $1::bigint * (0.9 + 0.2 * random()) * interval '1 millisecond'
 where name = (select e.name
                 from ecosystems e
                where coalesce(e.poll_at, e.created_at + $1::bigint * interval '1 millisecond') <= now()
                  and not exists (select from deliveries d where d.ecosystem = e.name and d.repository = '' and d.state = 'received')
                order by coalesce(e.poll_at, e.created_at)
                limit 1
                  for update skip locked)
returning name
