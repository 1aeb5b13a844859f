update deliveries
   set claimed_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
 where state = 'received' and claimed_by = any ($1::text[])
