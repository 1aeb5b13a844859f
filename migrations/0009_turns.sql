-- Whose turn it is: of the ecosystems that wait, the one that was served longest ago. Written by claims alone, so that a
-- merge or a registration that holds the row of its ecosystem keeps no worker waiting.
create table turns (
  ecosystem   text primary key references ecosystems (name),
  served_at   timestamptz not null
);
-- The first delivery of each ecosystem that waits, without a look at the rest.
create index deliveries_waiting on deliveries (ecosystem, due_at, id) where state = 'received' and claimed_by is null;
