update holds
   set released_by = $3, released_at = now()
 where ecosystem = $1 and id = $2::bigint and released_at is null
