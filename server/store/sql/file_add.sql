insert into files (ecosystem, version_in, path, hash, data)
select $1, $2::integer, path, hash, data
  from unnest($3::text[], $4::text[], $5::bytea[]) as new (path, hash, data)
