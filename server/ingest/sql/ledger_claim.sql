-- Takes the stream for a run: raises the fence, which never falls, and opens the batch, or the same one again. No row:
-- ledger_look says why. $1 ecosystem, $2 platform, $3 name, $4 fence, $5 batch, $6 shape.
with stream as (
  update yellow.streams set fence = $4
  where ecosystem = $1 and platform = $2 and name = $3 and fence <= $4 and batch = $5 - 1
  returning id, watermark, shape is not distinct from $6::jsonb as same_shape, shape
), opened as (
  insert into yellow.batches as b (stream, batch, state, fence)
  select id, $5, 'started', $4 from stream
  on conflict (stream, batch) do update
  set state = 'started', attempts = b.attempts + 1, fence = excluded.fence, counts = null, watermark = null,
      cause = null, message = null, started_at = now(), ingested_at = null, failed_at = null
  returning attempts
)
select stream.id, stream.watermark, stream.same_shape, opened.attempts,
       array(select jsonb_object_keys(stream.shape -> 'datasets'))
from stream, opened
