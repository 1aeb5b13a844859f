insert into forge_limits as l (api, spent_until)
select forge_api(forge), clock_timestamp() + $2::bigint * interval '1 millisecond'
  from repository_rows
 where ecosystem = $1 and name = $3 and forge is not null
    on conflict (api) do update
   set spent_until = greatest(l.spent_until, excluded.spent_until)
