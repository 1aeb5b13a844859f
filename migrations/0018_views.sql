-- What several statements knew, each for itself.

create function rfc3339_us(timestamptz) returns text language sql immutable parallel safe as
  $$ select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- A repository as the server reads it: one list of columns for every way to find one. A column that comes later goes to
-- the end.
create view repository_shown as
select ecosystem, url, branch, path, secrets, revision, version,
       rfc3339(created_at) as created_at,
       rfc3339(updated_at) as updated_at,
       head_oid, head_delivery,
       rfc3339_us(head_at) as head_at,
       repository, forge, name, in_force, in_force_path, shared
  from repository_rows;

-- The ecosystems with deliveries that nobody works on, each found by one look into the index, however many deliveries
-- it has.
create view waiting_ecosystems as
with recursive waiting (ecosystem) as (
  (select ecosystem from deliveries where state = 'received' and claimed_by is null order by ecosystem limit 1)
  union all
  select (select d.ecosystem
            from deliveries d
           where d.state = 'received' and d.claimed_by is null and d.ecosystem > w.ecosystem
           order by d.ecosystem
           limit 1)
    from waiting w
   where w.ecosystem is not null
)
select ecosystem from waiting where ecosystem is not null;
