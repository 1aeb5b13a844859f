update forge_reports
   set attempts = attempts + 1, claimed_until = clock_timestamp() + $1::bigint * interval '1 millisecond'
 where id = (select id
               from forge_reports
              where sent is distinct from content and not given_up and due_at <= now()
                and (claimed_until is null or claimed_until < now())
              order by due_at, id
              limit 1
                for update skip locked)
returning id, ecosystem, kind, subject, content, remote_id, attempts,
          (extract(epoch from now() - changed_at) * 1000)::bigint
