-- The objects of ecosystem $1 in version $3 that are not in version $2, or are there changed.
select kind, name
  from objects
 where ecosystem = $1 and version_in <= $3::integer and version_out >= $3::integer and version_out < $2::integer
