select path, data
  from files
 where ecosystem = $1 and version_in <= $2::integer and version_out >= $2::integer
