-- The oldest due delivery of an ecosystem on which nobody works; of those, of the one that was served longest ago, so
-- that a long queue of one is no queue for the others. The attempt is counted before the work.
-- Two claims of one ecosystem at the same moment: the unique index deliveries_one_claim refuses the second.
with first as materialized (
  select d.id, row_number() over (order by t.served_at nulls first, d.due_at, d.id) as place
    from waiting_ecosystems w
    left join turns t on t.ecosystem = w.ecosystem
   cross join lateral (select id, due_at
                         from deliveries
                        where ecosystem = w.ecosystem and state = 'received' and claimed_by is null and due_at <= now()
                        order by due_at, id
                        limit 1) d
   where not exists (select from deliveries o
                      where o.ecosystem = w.ecosystem and o.state = 'received' and o.claimed_by is not null)
), claimed as (
  update deliveries
     set attempts = attempts + 1, claimed_by = $1,
         claimed_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
   where id = (select c.id
                 from deliveries c
                 join first on first.id = c.id
                where c.state = 'received' and c.claimed_by is null
                order by first.place
                limit 1
                  for update of c skip locked)
  returning *
), served as (
  insert into turns (ecosystem, served_at)
  select ecosystem, clock_timestamp() from claimed
      on conflict (ecosystem) do update set served_at = excluded.served_at
)
select id, ecosystem, forge, event, content_type, payload, attempts, crashes,
       rfc3339_us(clock_timestamp()),
       (extract(epoch from now() - received_at) * 1000)::bigint,
       repository
  from claimed
