insert into holds (ecosystem, scope, commit_oid, reason, held_by, version)
values ($1, $2, $3, $4, $5, $6::integer)
    on conflict (ecosystem, scope, coalesce(commit_oid, '')) where released_at is null and version is null do nothing
returning id
