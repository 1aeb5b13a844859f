-- Rows that batch $2 quarantined; all of them for 0.
delete from yellow.quarantine where stream = $1 and (batch = $2 or $2 = 0)
