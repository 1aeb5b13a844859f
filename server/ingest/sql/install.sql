-- What Yellow keeps in a merge database, beside the data. Run before each first use of a database by a process, under an
-- advisory lock; every statement does nothing where it was done. The merge database is the truth about batches: the
-- server is told of them afterwards.
create schema if not exists yellow;

create table if not exists yellow.streams (
  id           bigint generated always as identity primary key,
  ecosystem    text not null,
  platform     text not null,
  name         text not null,
  fence        bigint not null default 0,     -- of the newest run that was here: an older one changes nothing
  batch        integer not null default 0,    -- the last committed
  watermark    text,                          -- of it
  operation    bigint not null default 0,     -- of an operator: the last that a batch did
  shape        jsonb,                         -- of the tables, as of it: datasets, columns, types, keys
  unique (ecosystem, platform, name)
);

create table if not exists yellow.batches (
  stream       bigint not null references yellow.streams (id),
  batch        integer not null,
  state        text not null check (state in ('started', 'ingested', 'committed', 'failed')),
  attempts     integer not null default 1,
  fence        bigint not null,
  counts       jsonb,                         -- of the batch, and of each dataset
  watermark    text,
  cause        text,
  message      text,
  started_at   timestamptz not null default now(),
  ingested_at  timestamptz,
  committed_at timestamptz,
  failed_at    timestamptz,
  primary key (stream, batch)
);
-- One open batch a stream.
create unique index if not exists batches_one_open on yellow.batches (stream) where state <> 'committed';

-- Objects of S3 that a batch read, each once, by key and ETag.
create table if not exists yellow.objects (
  stream       bigint not null references yellow.streams (id),
  dataset      text not null,
  key          text not null,
  etag         text not null,
  batch        integer not null,
  bytes        bigint not null,
  rows         bigint not null,
  primary key (stream, dataset, key, etag)
);

create table if not exists yellow.quarantine (
  stream       bigint not null references yellow.streams (id),
  batch        integer not null,
  number       bigint not null,
  dataset      text not null,
  object       text,
  line         bigint,
  "column"     text,
  reason       text not null,
  record       text,
  primary key (stream, batch, number)
);

-- What the last batch saw of its source's tables (ingest/sql_mark.h): where its snapshot ended, and of each dataset which
-- table it was, with how many rows.
create table if not exists yellow.marks (
  stream       bigint primary key references yellow.streams (id),
  batch        integer not null,
  source       text not null,
  horizon      bigint not null,
  tables       jsonb not null
);

-- Names of tables, views and roles that are not their parts alone (ingest/naming.h), for people who look for them.
create table if not exists yellow.names (
  name         text not null,
  parts        text[] not null,
  primary key (name, parts)
);

-- Views and functions that consumers read (ingest/view.h): what was made of which statement.
create table if not exists yellow.views (
  schema       text not null,
  name         text not null,
  kind         text not null check (kind in ('live', 'full', 'as_of')),
  table_schema text not null,
  table_name   text not null,
  workspace    text not null,
  "group"      text not null,
  made         text not null,                 -- SHA-256 of the statement
  primary key (schema, name)
);
create index if not exists views_of_table on yellow.views (table_schema, table_name);

-- Transformers: which run may publish its output, and where it is being made.
create table if not exists yellow.transformers (
  id           bigint generated always as identity primary key,
  ecosystem    text not null,
  platform     text not null,
  name         text not null,
  fence        bigint not null default 0,     -- of the newest run that was here: an older one publishes nothing
  next         text,                          -- the schema of its new output, until that is published
  unique (ecosystem, platform, name)
);

-- Batches that a backup did not have: they were committed once, and are not made again (ingest/ledger.h).
create table if not exists yellow.restored (
  stream       bigint not null references yellow.streams (id),
  first        integer not null,
  last         integer not null,
  at           timestamptz not null default now(),
  primary key (stream, first)
);
