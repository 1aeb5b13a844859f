update pulls set open = false where ecosystem = $1 and number = $2
