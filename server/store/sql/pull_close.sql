update pulls set open = false where ecosystem = $1 and number = repository_key($3, $2)
