-- Pull requests that were planned: what a merge is compared with, and what is planned again when another version comes.
create table pulls (
  ecosystem    text not null references ecosystems (name),
  number       text not null,                 -- the forge's
  head_branch  text not null,
  head_oid     text not null,
  plan         text,                          -- its id; null: refused, there is none
  content      text,                          -- the id that the plan has whatever version it is made against
  base         integer not null,              -- the version that it was made against; 0: none
  open         boolean not null default true,
  version      integer,                       -- that brought it in force; null: none yet
  planned_at   timestamptz not null default now(),
  due_at       timestamptz not null default now(), -- of planning it again; a claim moves it
  primary key (ecosystem, number)
);
create index pulls_open on pulls (ecosystem, due_at) where open and version is null;

-- The plan that a pull request showed, and whether it is the one that was applied: {"pull", "plan", "base", "exact"}.
alter table versions add column planned jsonb;
