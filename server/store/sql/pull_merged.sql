update pulls set open = false, version = $3::integer where ecosystem = $1 and number = repository_key($4, $2)
