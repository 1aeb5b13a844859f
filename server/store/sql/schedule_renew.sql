update schedule_claims set claimed_until = clock_timestamp() + $2::bigint * interval '1 millisecond' where scheduler = $1
