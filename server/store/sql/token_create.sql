-- $1 name, $2 SHA-256, $3 scopes, $4 ecosystem or null, $5 expiry or null, $6 actor, $7 only when there is no token yet
with made as (
  insert into tokens (name, hash, scopes, ecosystem, expires_at)
  select $1, $2, $3::text[], $4, $5::timestamptz
  where not $7::boolean or not exists (select from tokens)
  on conflict (name) where revoked_at is null do nothing
  returning id, name, scopes, ecosystem, expires_at
), noted as (
  insert into audit (ecosystem, actor, action, object, after)
  select ecosystem, $6, 'token.create', 'token ' || name,
         jsonb_build_object('scopes', scopes, 'ecosystem', ecosystem, 'expires_at', expires_at)
  from made
)
select id, pg_notify('yellow', 'tokens') from made
