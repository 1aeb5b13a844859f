-- The watermark that batch $2 of stream $1 left.
select watermark from yellow.batches where stream = $1 and batch = $2 and state = 'committed'
