update objects
   set version_out = $2::integer - 1
  from unnest($3::text[], $4::text[]) as gone (kind, name)
 where objects.ecosystem = $1 and objects.version_out = 2147483647
   and objects.kind = gone.kind and objects.name = gone.name
