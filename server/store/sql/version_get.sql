select version, commit_oid, author, message, plan -> 'summary', findings,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), path
  from versions
 where ecosystem = $1 and version = $2::integer
