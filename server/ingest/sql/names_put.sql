-- A name that is not its parts alone.
insert into yellow.names (name, parts) values ($1, $2::text[]) on conflict do nothing
