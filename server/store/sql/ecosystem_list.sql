select ecosystem, url, branch, path, secrets, revision, version,
       rfc3339(created_at),
       rfc3339(updated_at),
       head_oid, head_delivery,
       to_char(head_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       repository, forge, name, in_force, in_force_path, shared
  from repository_rows
 where ecosystem > $1 and name = ''
 order by ecosystem
 limit $2::bigint
