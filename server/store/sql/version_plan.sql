select plan from versions where ecosystem = $1 and version = $2::integer
