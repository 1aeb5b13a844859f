-- The version that was in force at $2, to the millisecond as the API shows times; when the first one came; whether $2 is
-- yet to come (a minute is what clocks may differ by).
select (select version
          from versions
         where ecosystem = $1 and created_at < date_trunc('milliseconds', $2::timestamptz) + interval '1 millisecond'
         order by created_at desc, version desc
         limit 1),
       (select rfc3339(created_at) from versions where ecosystem = $1 order by version limit 1),
       $2::timestamptz > clock_timestamp() + interval '1 minute'
