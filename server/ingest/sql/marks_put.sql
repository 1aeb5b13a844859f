insert into yellow.marks (stream, batch, source, horizon, tables) values ($1, $2, $3, $4, $5::jsonb)
on conflict (stream) do update
set batch = excluded.batch, source = excluded.source, horizon = excluded.horizon, tables = excluded.tables
