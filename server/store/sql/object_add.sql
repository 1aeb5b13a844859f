insert into objects (ecosystem, version_in, kind, name, path, line, hash, body)
select $1, $2::integer, kind, name, path, line, hash, body
  from unnest($3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[])
       as new (kind, name, path, line, hash, body)
