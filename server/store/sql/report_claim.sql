-- One at a time for each API, and none while its limit is spent.
update forge_reports
   set attempts = attempts + 1, claimed_until = clock_timestamp() + $1::bigint * interval '1 millisecond'
 where id = (select r.id
               from forge_reports r
               join repository_rows e on e.ecosystem = r.ecosystem and e.name = r.repository
              where r.sent is distinct from r.content and not r.given_up and r.due_at <= now()
                and (r.claimed_until is null or r.claimed_until < now())
                and not exists (select from forge_limits l where l.api = forge_api(e.forge) and l.spent_until > now())
                and not exists (select
                                  from forge_reports other
                                  join repository_rows its
                                    on its.ecosystem = other.ecosystem and its.name = other.repository
                                 where other.claimed_until > now() and forge_api(its.forge) = forge_api(e.forge))
              order by r.due_at, r.id
              limit 1
                for update of r skip locked)
returning id, ecosystem, kind, repository_plain(repository, subject), content, remote_id, attempts,
          (extract(epoch from now() - changed_at) * 1000)::bigint, repository
