-- The files of ecosystem $1 in version $2 that came in after version $3 (0: all).
select path, data
  from files
 where ecosystem = $1 and version_in <= $2::integer and version_out >= $2::integer and version_in > $3::integer
