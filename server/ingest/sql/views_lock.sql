-- One at a time makes views, schemas and roles.
select pg_advisory_xact_lock(7232047251170)
