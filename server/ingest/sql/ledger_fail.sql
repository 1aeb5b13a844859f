-- $1 stream, $2 batch, $3 fence, $4 cause, $5 message. No row: a newer run has the stream, or it is committed.
with stream as (
  select id from yellow.streams where id = $1 and fence = $3 for update
)
update yellow.batches b
set state = 'failed', cause = $4, message = $5, failed_at = clock_timestamp()
from stream
where b.stream = stream.id and b.batch = $2 and b.state <> 'committed'
returning b.batch
