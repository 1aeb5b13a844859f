-- One that comes back with an ETag it had before is read again, too: what is known of it is its last batch.
insert into yellow.objects as known (stream, dataset, key, etag, batch, bytes, rows)
select $1::bigint, $2, key, etag, $3::integer, bytes, rows
  from unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[]) as read (key, etag, bytes, rows)
    on conflict (stream, dataset, key, etag) do update
   set batch = excluded.batch, bytes = excluded.bytes, rows = excluded.rows
