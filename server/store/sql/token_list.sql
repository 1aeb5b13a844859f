-- $1: revoked and expired ones too
select id, name, scopes, ecosystem,
       rfc3339(created_at),
       rfc3339(expires_at),
       rfc3339(revoked_at),
       hash
from tokens
where $1::boolean or (revoked_at is null and (expires_at is null or expires_at > now()))
order by id
