-- What was decided on the old branch or repository says nothing about the new one.
update ecosystems
   set url = $2, branch = $3, path = $4, secrets = $5::jsonb, repository = $7, forge = $8::jsonb, revision = revision + 1, updated_at = now(),
       head_oid = null, head_at = null, head_delivery = null
 where name = $1 and revision = $6::bigint
