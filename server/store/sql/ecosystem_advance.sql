update ecosystems set version = $2::integer where name = $1 and version = $2::integer - 1
