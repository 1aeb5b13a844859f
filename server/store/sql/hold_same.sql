select id from holds
 where ecosystem = $1 and scope = $2 and coalesce(commit_oid, '') = coalesce($3, '')
   and released_at is null and version is null
