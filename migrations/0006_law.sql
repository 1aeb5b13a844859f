-- What owners in the model call the registered repository ("acme/data-model"); empty: what its URL says.
alter table ecosystems add column repository text not null default '';

-- Breaking changes that somebody let pass, each bound to one plan: its content and the version it was made against.
create table approvals (
  id           bigint generated always as identity primary key,
  ecosystem    text not null references ecosystems (name),
  plan         text not null,                 -- its id: SHA-256 in hexadecimal
  reason       text not null default '',
  approved_by  text not null,                 -- token name
  approved_at  timestamptz not null default now(),
  version      integer,                       -- the version that it let pass; null: none yet
  unique (ecosystem, plan),
  constraint approvals_plan check (plan ~ '^[0-9a-f]{64}$')
);
create index approvals_by_ecosystem on approvals (ecosystem, id desc);
