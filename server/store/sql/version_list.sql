select version, commit_oid, author, message, plan -> 'summary', findings,
       rfc3339(created_at), path, rolled_back_to, planned
  from versions
 where ecosystem = $1 and ($2::integer is null or version < $2::integer)
 order by version desc
 limit $3::bigint
