-- The objects of ecosystem $1 in version $2 that came in after version $3 (0: all).
select kind, name, path, line, body
  from objects
 where ecosystem = $1 and version_in <= $2::integer and version_out >= $2::integer and version_in > $3::integer
