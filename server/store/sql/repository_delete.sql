delete from repositories where ecosystem = $1 and name = $2
