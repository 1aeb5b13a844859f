select state = 'committed' and fence = $3 from yellow.batches where stream = $1 and batch = $2
