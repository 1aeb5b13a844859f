-- Which transaction this is: the code of a transformer must leave it open.
select pg_current_xact_id()::text::bigint
