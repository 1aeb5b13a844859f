-- The repositories of an ecosystem beside its own one, which stays in the row of the ecosystem. Wherever a row says
-- which repository it is about, '' is the ecosystem's own.
create table repositories (
  ecosystem   text not null references ecosystems (name),
  name        text not null,
  url         text not null,
  branch      text not null,
  path        text not null default '',
  repository  text not null,                  -- what owners in the model call it
  secrets     jsonb not null,                 -- as those of an ecosystem
  forge       jsonb,
  revision    bigint not null default 1,
  head_oid    text,
  head_at     timestamptz,
  head_delivery bigint,
  poll_at     timestamptz,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  primary key (ecosystem, name)
);
create index repositories_poll on repositories ((coalesce(poll_at, created_at)));

alter table deliveries add column repository text not null default '';
alter table versions add column repository text not null default '';   -- that was pushed; of a rollback, of its content
alter table pulls add column repository text not null default '';
alter table forge_reports add column repository text not null default '';

-- Ids that are unique in one repository (deliveries' of forges, numbers of pull requests, commits that are reported on)
-- are unique in an ecosystem with the repository before them. A space is in none of them.
create function repository_key(repository text, id text) returns text language sql immutable
return case when repository = '' then id else repository || ' ' || id end;
create function repository_plain(repository text, id text) returns text language sql immutable
return case when repository <> '' and starts_with(id, repository || ' ') then substr(id, length(repository) + 2) else id end;

-- A version is a set of commits, one of each repository that has something in force.
create table version_commits (
  ecosystem   text not null references ecosystems (name),
  repository  text not null,
  version_in  integer not null,
  version_out integer not null default 2147483647,
  commit_oid  text not null,
  path        text not null,                  -- the folder that was read
  primary key (ecosystem, repository, version_in),
  check (version_in <= version_out)
);
create unique index version_commits_in_force on version_commits (ecosystem, repository) where version_out = 2147483647;

insert into version_commits (ecosystem, repository, version_in, version_out, commit_oid, path)
select v.ecosystem, '', v.version, case when v.version = e.version then 2147483647 else v.version end, v.commit_oid, v.path
  from versions v
  join ecosystems e on e.name = v.ecosystem
 where v.version <= e.version;

-- By trigger, so that a version of a server of the previous release has its commits too: the commit of the pushed
-- repository comes in, those of the others stay; a rollback brings back those of the version it goes to.
create function version_commits_follow() returns trigger language plpgsql as $$
begin
  update version_commits
     set version_out = new.version - 1
   where ecosystem = new.ecosystem and version_out = 2147483647
     and (new.rolled_back_to is not null or repository = new.repository);
  if new.rolled_back_to is null then
    insert into version_commits (ecosystem, repository, version_in, commit_oid, path)
    values (new.ecosystem, new.repository, new.version, new.commit_oid, new.path);
  else
    insert into version_commits (ecosystem, repository, version_in, commit_oid, path)
    select c.ecosystem, c.repository, new.version, c.commit_oid, c.path
      from version_commits c
     where c.ecosystem = new.ecosystem and new.rolled_back_to between c.version_in and c.version_out
       and (c.repository = '' or exists (select from repositories r
                                          where r.ecosystem = c.ecosystem and r.name = c.repository));
  end if;
  return null;
end
$$;
create trigger version_commits_follow after insert on versions for each row execute function version_commits_follow();

-- Every repository of every ecosystem, its own one by the name ''. in_force: its commit in the version in force; shared:
-- the ecosystem has more than one.
create view repository_rows as
select
  e.name as ecosystem, r.name, r.url, r.branch, r.path, r.secrets, r.revision, e.version, r.created_at, r.updated_at,
  r.head_oid, r.head_delivery, r.head_at, r.repository, r.forge, r.poll_at,
  c.commit_oid as in_force, c.path as in_force_path,
  exists (select from repositories o where o.ecosystem = e.name) as shared
from ecosystems e
cross join lateral (
  select '' as name, e.url, e.branch, e.path, e.secrets, e.revision, e.created_at, e.updated_at,
         e.head_oid, e.head_delivery, e.head_at, e.repository, e.forge, e.poll_at
  union all
  select f.name, f.url, f.branch, f.path, f.secrets, f.revision, f.created_at, f.updated_at,
         f.head_oid, f.head_delivery, f.head_at, f.repository, f.forge, f.poll_at
    from repositories f
   where f.ecosystem = e.name
) r
left join version_commits c
       on c.ecosystem = e.name and c.repository = r.name and c.version_out = 2147483647;
