-- As ecosystem_poll, of the other repositories.
update repositories
   set poll_at = clock_timestamp() + $1::bigint * (0.9 + 0.2 * random()) * interval '1 millisecond'
 where (ecosystem, name) = (select r.ecosystem, r.name
                              from repositories r
                             where coalesce(r.poll_at, r.created_at + $1::bigint * interval '1 millisecond') <= now()
                               and not exists (select
                                                 from deliveries d
                                                where d.ecosystem = r.ecosystem and d.repository = r.name
                                                  and d.state = 'received')
                             order by coalesce(r.poll_at, r.created_at)
                             limit 1
                               for update skip locked)
returning ecosystem, name
