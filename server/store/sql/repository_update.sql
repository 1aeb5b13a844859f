-- What was decided on the old branch or repository says nothing about the new one.
update repositories
   set url = $3, branch = $4, path = $5, secrets = $6::jsonb, repository = $7, forge = $8::jsonb,
       revision = revision + 1, updated_at = now(), head_oid = null, head_at = null, head_delivery = null
 where ecosystem = $1 and name = $2 and revision = $9::bigint
