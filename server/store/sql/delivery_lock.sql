select state from deliveries where ecosystem = $1 and id = $2::bigint for update
