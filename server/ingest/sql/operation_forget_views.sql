-- The views over the tables $1 (schemas), $2 (names) are made anew: what somebody did to tables by hand, they followed.
update yellow.views v set made = 'anew'
from unnest($1::text[], $2::text[]) as t (schema, name)
where v.table_schema = t.schema and v.table_name = t.name
