delete from yellow.quarantine where stream = $1 and batch = $2
