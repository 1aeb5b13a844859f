select coalesce(ceil(extract(epoch from
         min(coalesce(poll_at, created_at + $1::bigint * interval '1 millisecond')) - clock_timestamp()) * 1000), $1::bigint)::bigint
  from repository_rows
