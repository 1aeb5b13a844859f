-- The control plane's state. Times are timestamptz, set by the database. An open version_out is 2147483647, as in
-- milestoned data: a row is in force in version v when version_in <= v <= version_out.

-- A time as the API writes it: UTC, milliseconds.
create function rfc3339(timestamptz) returns text language sql immutable parallel safe as
  $$ select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

create table tokens (
  id          bigint generated always as identity primary key,
  name        text not null,
  hash        bytea not null unique,          -- SHA-256 of the token; the token itself is nowhere
  scopes      text[] not null,
  ecosystem   text,                           -- null: every ecosystem
  created_at  timestamptz not null default now(),
  expires_at  timestamptz,
  revoked_at  timestamptz
);
create unique index tokens_name on tokens (name) where revoked_at is null;

create table ecosystems (
  name        text primary key,
  url         text not null,
  branch      text not null,
  path        text not null default '',
  secrets     jsonb not null,                 -- references: [{"file": ...} | {"env": ...}], at most two
  revision    bigint not null default 1,      -- grows with each change of this configuration; its ETag
  version     integer not null default 0,     -- the model version in force; 0: none yet
  -- the last branch head that was decided on: what was received before head_at needs no fetch of its own
  head_oid    text,
  head_at     timestamptz,                    -- before its fetch began
  head_delivery bigint,                       -- which holds its outcome
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);

create table versions (
  ecosystem   text not null references ecosystems (name),
  version     integer not null,
  commit_oid  text not null,
  author      text,
  message     text,
  plan        jsonb not null,
  findings    jsonb not null default '[]',    -- warnings only: errors make no version
  created_at  timestamptz not null default now(),
  primary key (ecosystem, version)
);

-- The durable inbox: one row a received webhook or requested merge.
create table deliveries (
  id           bigint generated always as identity primary key,
  ecosystem    text not null references ecosystems (name),
  forge        text not null,                 -- github, ..., or api (POST merges)
  event        text not null,
  forge_id     text not null,                 -- the forge's own id; made up for api
  redelivery_of bigint references deliveries (id),
  content_type text not null default 'application/json',
  payload      bytea not null,                -- the signed bytes as they came
  ref          text,                          -- filled when the payload is read
  commit_oid   text,
  state        text not null default 'received',
  reason       text,
  attempts     integer not null default 0,    -- counted before each piece of work
  crashes      integer not null default 0,    -- claims that ended without an outcome: 3 quarantine it
  received_at  timestamptz not null default now(),
  due_at       timestamptz not null default now(), -- not before; moved by backoff
  claimed_by   text,
  claimed_until timestamptz,                  -- a claim that nobody renews is free again
  finished_at  timestamptz,
  version      integer,                       -- the version that holds its commit
  findings     jsonb,
  constraint deliveries_state check (state in
    ('received', 'merged', 'rejected', 'ignored', 'superseded', 'quarantined'))
);
create unique index deliveries_forge_id on deliveries (ecosystem, forge, forge_id);
create index deliveries_open on deliveries (due_at, id) where state = 'received';
create index deliveries_by_ecosystem on deliveries (ecosystem, id desc);
create index deliveries_redelivered on deliveries (redelivery_of) where redelivery_of is not null;
-- An ecosystem's deliveries are worked on one at a time: a second claim, even at the same moment, is a conflict.
create unique index deliveries_one_claim on deliveries (ecosystem) where state = 'received' and claimed_by is not null;

create table objects (
  ecosystem    text not null references ecosystems (name),
  kind         text not null,
  name         text not null,
  version_in   integer not null,
  version_out  integer not null default 2147483647,
  path         text not null,
  line         integer not null,
  hash         text not null,
  body         text not null,                 -- canonical JSON, byte for byte what was hashed
  primary key (ecosystem, kind, name, version_in),
  check (version_in <= version_out)
);
create index objects_in_force on objects (ecosystem, version_out, kind, name);

-- Files of the model that are not YAML: SQL of transformers, templates of a company's own components.
create table files (
  ecosystem    text not null references ecosystems (name),
  path         text not null,
  version_in   integer not null,
  version_out  integer not null default 2147483647,
  hash         text not null,
  data         bytea not null,
  primary key (ecosystem, path, version_in),
  check (version_in <= version_out)
);

-- A stream or a transformer on one data platform: what the merge writes, and what its runs report.
create table jobs (
  id           bigint generated always as identity primary key,
  ecosystem    text not null references ecosystems (name),
  kind         text not null check (kind in ('stream', 'transformer')),
  psp          text not null,
  platform     text not null,
  name         text not null,
  store        text not null,
  dataset      text,
  workspace    text,
  team         text not null,
  capture      text not null,
  schedule     text not null,
  milestoning  text not null,
  priority     text not null,
  feeds        text[] not null,
  inputs       text[] not null,
  levels       jsonb not null,                -- resource levels of the model, first wins: [{"name","source","values"}]
  requests_memory text not null,              -- the effective four, API hint included
  limits_memory   text not null,
  requests_cpu    text not null,
  limits_cpu      text not null,
  hint_skipped text,                          -- why the API hint does not count here: request over limit since a merge
  version_in   integer not null,              -- appeared, or came back
  version_changed integer not null,           -- the last version that changed the row
  retired_in   integer,                       -- the version that retired it; null: it is in force
  -- status, written by runs
  state        text not null default 'idle',
  revision     bigint not null default 1,     -- grows with every change of this row; its ETag
  fence        bigint not null default 0,     -- the token of the newest run
  batch        bigint not null default 0,     -- the newest batch id
  batch_state  text,                          -- of that batch
  watermark    text,
  last_commit_at timestamptz,
  cause        text,                          -- of the failure, while state is failed or lost
  message      text,
  changed_at   timestamptz not null default now(),
  unique (ecosystem, platform, kind, name),
  constraint jobs_state check (state in ('idle', 'running', 'failed', 'lost', 'retired'))
);
create index jobs_by_name on jobs (ecosystem, kind, platform, name);

create table hints (
  ecosystem    text not null references ecosystems (name),
  kind         text not null check (kind in ('stream', 'transformer')),
  platform     text not null,
  name         text not null,
  requests_memory text,
  limits_memory   text,
  requests_cpu    text,
  limits_cpu      text,
  revision     bigint not null,               -- of the job row after the change: never the same twice
  updated_by   text not null,
  updated_at   timestamptz not null default now(),
  primary key (ecosystem, kind, platform, name)
);

create table runs (
  id           bigint generated always as identity primary key,
  job          bigint not null references jobs (id),
  fence        bigint not null,
  batch        bigint not null,
  attempt      integer not null,              -- of that batch, from 1
  state        text not null default 'running',
  started_by   text not null,
  started_at   timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  lease_until  timestamptz not null,
  finished_at  timestamptz,
  progress     jsonb,
  counts       jsonb,
  watermark    text,
  cause        text,
  message      text,
  report_hash  text,                          -- of the finish report: the same report twice is one report
  unique (job, fence),
  constraint runs_state check (state in ('running', 'committed', 'failed', 'cancelled', 'lost'))
);
create index runs_live on runs (lease_until) where state = 'running';
create unique index runs_one_live on runs (job) where state = 'running';

create table batches (
  job          bigint not null references jobs (id),
  batch        bigint not null,
  state        text not null,
  attempts     integer not null,
  started_at   timestamptz not null default now(),
  ingested_at  timestamptz,
  committed_at timestamptz,
  failed_at    timestamptz,
  counts       jsonb,
  watermark    text,
  cause        text,
  message      text,
  primary key (job, batch),
  constraint batches_state check (state in ('started', 'ingested', 'committed', 'failed'))
);
create unique index batches_one_open on batches (job) where state <> 'committed';

create table audit (
  id           bigint generated always as identity primary key,
  ecosystem    text,
  at           timestamptz not null default now(),
  actor        text not null,                 -- token name, "cli", "worker", "github"
  action       text not null,                 -- "hint.put", "version.merge", ...
  object       text not null,                 -- "stream YellowLive/customers"
  before       jsonb,
  after        jsonb,
  request_id   text
);
create index audit_by_ecosystem on audit (ecosystem, id desc);

create table idempotency_keys (
  token_id     bigint not null,
  key          text not null,
  request_hash text not null,
  status       integer not null,
  location     text,
  body         text not null,
  created_at   timestamptz not null default now(),
  primary key (token_id, key)
);
