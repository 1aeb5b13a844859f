-- $1 name, $2 actor
with gone as (
  update tokens set revoked_at = now() where name = $1 and revoked_at is null
  returning id, name, ecosystem, scopes, expires_at
), noted as (
  insert into audit (ecosystem, actor, action, object, before)
  select ecosystem, $2, 'token.revoke', 'token ' || name,
         jsonb_build_object('scopes', scopes, 'ecosystem', ecosystem, 'expires_at', expires_at)
  from gone
)
select id, pg_notify('yellow', 'tokens') from gone
