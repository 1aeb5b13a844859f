-- The last words of a batch's transaction: no row when a newer run has the stream. $1 stream, $2 batch, $3 fence,
-- $4 watermark, $5 shape (null: as before), $6 counts, $7 how many milliseconds ago all was staged: the clock is this
-- database's.
with stream as (
  update yellow.streams set batch = $2, watermark = $4, shape = coalesce($5::jsonb, shape)
  where id = $1 and fence = $3 and batch = $2 - 1
  returning id
)
update yellow.batches b
set state = 'committed', counts = $6::jsonb, watermark = $4,
    ingested_at = clock_timestamp() - $7 * interval '1 millisecond', committed_at = clock_timestamp()
from stream
where b.stream = stream.id and b.batch = $2 and b.state <> 'committed'
returning b.batch
