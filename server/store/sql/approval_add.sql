insert into approvals (ecosystem, plan, reason, approved_by)
values ($1, $2, $3, $4)
    on conflict (ecosystem, plan) do nothing
