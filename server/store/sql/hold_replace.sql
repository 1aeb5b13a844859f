-- The holds of rollbacks that another rollback makes needless.
update holds
   set released_by = $2, released_at = now()
 where ecosystem = $1 and scope = 'branch' and version is not null and released_at is null
returning id
