-- Of each of these objects the ETag it had when it was last read, by a batch up to $4.
select distinct on (key) key, etag
  from yellow.objects
 where stream = $1 and dataset = $2 and key = any ($3::text[]) and batch <= $4
 order by key, batch desc
