-- $1 SHA-256
select id, name, scopes, ecosystem,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(expires_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       to_char(revoked_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       hash
from tokens
where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())
