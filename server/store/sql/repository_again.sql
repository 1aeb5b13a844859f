-- Repositories whose head is not in force, and which are not asked to look at it again already: those that were decided on
-- longest ago. $2: not this one, which is looked at anyway.
select r.name
  from repository_rows r
 where r.ecosystem = $1 and r.name <> $2 and r.head_oid is not null
   and (r.head_oid is distinct from r.in_force or r.path is distinct from r.in_force_path)
   and not exists (select
                     from deliveries d
                    where d.ecosystem = r.ecosystem and d.repository = r.name and d.state = 'received'
                      and d.event = 'retry')
 order by r.head_at
 limit $3::bigint
