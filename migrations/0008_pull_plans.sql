-- A pull request's head was planned: an outcome of its own, which puts nothing in force.
alter table deliveries drop constraint deliveries_state;
alter table deliveries add constraint deliveries_state check (state in
  ('received', 'merged', 'planned', 'rejected', 'ignored', 'superseded', 'quarantined'));
