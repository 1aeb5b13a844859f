-- The oldest due delivery of an ecosystem on which nobody works. The attempt is counted before the work.
-- Two claims of one ecosystem at the same moment: the unique index deliveries_one_claim refuses the second.
update deliveries
   set attempts = attempts + 1, claimed_by = $1,
       claimed_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
 where id = (select c.id
               from deliveries c
              where c.state = 'received' and c.claimed_by is null and c.due_at <= now()
                and not exists (select from deliveries o
                                 where o.ecosystem = c.ecosystem and o.state = 'received' and o.claimed_by is not null)
              order by c.due_at, c.id
              limit 1
                for update of c skip locked)
returning id, ecosystem, forge, event, content_type, payload, attempts, crashes,
          to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          (extract(epoch from now() - received_at) * 1000)::bigint
