-- No key update: deliveries, which refer to the ecosystem, are received while a merge holds it.
select name, url, branch, path, secrets, revision, version,
       rfc3339(created_at),
       rfc3339(updated_at),
       head_oid, head_delivery,
       to_char(head_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       repository, forge
  from ecosystems
 where name = $1
   for no key update
