select id from deliveries where ecosystem = $1 and forge = $2 and forge_id = repository_key($4, $3)
