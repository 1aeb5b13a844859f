-- What was withdrawn can be approved again.
insert into approvals as a (ecosystem, plan, reason, approved_by)
values ($1, $2, $3, $4)
    on conflict (ecosystem, plan) do update
   set reason = excluded.reason, approved_by = excluded.approved_by, approved_at = now(), withdrawn_at = null,
       withdrawn_by = null
 where a.withdrawn_at is not null
