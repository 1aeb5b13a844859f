-- When the repository is next looked at without being asked; null: not yet.
alter table ecosystems add column poll_at timestamptz;
