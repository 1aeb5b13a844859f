-- Only the holder of the claim writes the outcome, and only once.
update deliveries
   set state = $3, reason = $4, ref = $5, commit_oid = $6, version = $7::integer, findings = $8::jsonb,
       finished_at = now(), claimed_by = null, claimed_until = null
 where id = $1::bigint and claimed_by = $2 and state = 'received'
