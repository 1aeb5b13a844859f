update files
   set version_out = $2::integer - 1
 where ecosystem = $1 and version_out = 2147483647 and path = any ($3::text[])
