select * from repository_shown where ecosystem = $1 and name = $2
