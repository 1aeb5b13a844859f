-- The watermark that a committed batch left.
select watermark from batches where job = $1 and batch = $2 and state = 'committed'
