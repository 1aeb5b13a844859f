update yellow.streams set operation = $2 where id = $1
