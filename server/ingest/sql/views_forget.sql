delete from yellow.views where schema = $1 and name = $2
