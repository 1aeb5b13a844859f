delete from hints where ecosystem = $1 and kind = $2 and platform = $3 and name = $4
