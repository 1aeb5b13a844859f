insert into yellow.views (schema, name, kind, table_schema, table_name, workspace, "group", made)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (schema, name) do update set kind = excluded.kind, table_schema = excluded.table_schema,
  table_name = excluded.table_name, workspace = excluded.workspace, "group" = excluded."group", made = excluded.made
