-- Waits for whoever may still be committing the stream's batch.
select id from yellow.streams where id = $1 for update
