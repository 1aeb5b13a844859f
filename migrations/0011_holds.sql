-- What is not to come in force until somebody says so: a branch, whatever its head is, or a commit and what is made on it.
create table holds (
  id           bigint generated always as identity primary key,
  ecosystem    text not null references ecosystems (name),
  scope        text not null,
  commit_oid   text,                          -- of a rollback's hold the commit that was in force; null: of a branch
  reason       text not null,
  held_by      text not null,                 -- token name
  held_at      timestamptz not null default now(),
  version      integer,                       -- made by the rollback that holds; null: held by itself
  released_by  text,
  released_at  timestamptz,
  constraint holds_scope check (scope = 'branch' or (scope = 'commit' and commit_oid is not null)),
  constraint holds_released check ((released_by is null) = (released_at is null))
);
create index holds_by_ecosystem on holds (ecosystem, id desc);
-- A thing that is held by itself is held once.
create unique index holds_once on holds (ecosystem, scope, coalesce(commit_oid, ''))
  where released_at is null and version is null;

alter table versions add column rolled_back_to integer; -- the version whose content it has; null: of a commit's merge

alter table deliveries drop constraint deliveries_state;
alter table deliveries add constraint deliveries_state check (state in
  ('received', 'merged', 'planned', 'held', 'rejected', 'ignored', 'superseded', 'quarantined'));
