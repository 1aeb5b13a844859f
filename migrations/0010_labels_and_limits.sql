-- An approval by a label goes with the label, unless the plan is in force already.
alter table approvals add column withdrawn_at timestamptz, add column withdrawn_by text;

-- Whether the approving label stood on a pull request when a webhook last told of it: some forges tell that labels were
-- changed, and not which.
create table pull_labels (
  ecosystem    text not null references ecosystems (name),
  number       text not null,                 -- of the pull request
  stands       boolean not null,
  primary key (ecosystem, number)
);

-- Which of the forges' APIs an ecosystem speaks to: what limits count by.
create function forge_api(forge jsonb) returns text language sql immutable
return coalesce(nullif(forge ->> 'api', ''), forge ->> 'kind');

-- An API that said its limit is spent is left alone until then, whatever there is to tell.
create table forge_limits (
  api          text primary key,
  spent_until  timestamptz not null
);
