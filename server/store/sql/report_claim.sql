-- One at a time for each API, and none while its limit is spent.
update forge_reports
   set attempts = attempts + 1, claimed_until = clock_timestamp() + $1::bigint * interval '1 millisecond'
 where id = (select r.id
               from forge_reports r
               join ecosystems e on e.name = r.ecosystem
              where r.sent is distinct from r.content and not r.given_up and r.due_at <= now()
                and (r.claimed_until is null or r.claimed_until < now())
                and not exists (select from forge_limits l where l.api = forge_api(e.forge) and l.spent_until > now())
                and not exists (select
                                  from forge_reports other
                                  join ecosystems its on its.name = other.ecosystem
                                 where other.claimed_until > now() and forge_api(its.forge) = forge_api(e.forge))
              order by r.due_at, r.id
              limit 1
                for update of r skip locked)
returning id, ecosystem, kind, subject, content, remote_id, attempts,
          (extract(epoch from now() - changed_at) * 1000)::bigint
