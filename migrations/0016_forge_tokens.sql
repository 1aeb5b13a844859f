-- Limits count by whom a forge knows: by the API and by the token that speaks to it, where a registration names one.
create or replace function forge_api(forge jsonb) returns text language sql immutable
return coalesce(nullif(forge ->> 'api', ''), forge ->> 'kind') || coalesce(' ' || (forge ->> 'token'), '');
