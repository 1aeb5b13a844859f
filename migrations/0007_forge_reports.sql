-- Where the outcome of a commit is told: {"kind", "api", "repository"}; null: nowhere.
alter table ecosystems add column forge jsonb;

-- What a forge is to be told, one row a thing it shows: written with the outcome itself, sent afterwards. A row whose
-- content is what was sent needs nothing.
create table forge_reports (
  id           bigint generated always as identity primary key,
  ecosystem    text not null references ecosystems (name),
  subject      text not null,                 -- of a status the commit id, of a comment the pull request's number
  kind         text not null check (kind in ('status', 'comment')),
  content      jsonb not null,                -- status {"state", "description"}, comment {"text"}
  sent         jsonb,                         -- the content that the forge has; null: nothing yet
  remote_id    text,                          -- the forge's id of the comment
  attempts     integer not null default 0,    -- of this content
  due_at       timestamptz not null default now(),
  claimed_until timestamptz,
  error        text,                          -- of the last attempt
  given_up     boolean not null default false, -- the forge refused this content, or a day of attempts passed
  changed_at   timestamptz not null default now(), -- the content
  unique (ecosystem, kind, subject)
);
create index forge_reports_due on forge_reports (due_at) where sent is distinct from content and not given_up;
