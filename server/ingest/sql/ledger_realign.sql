-- An operator has seen that this database is at an earlier batch than the server believes, restored or emptied, and wants
-- to go on from what is there: the batches between are written down as gone, so that no number is given twice. $1 stream,
-- $2 fence, $3 the batch that the server runs.
with stream as (
  select id, batch from yellow.streams where id = $1 and fence <= $2 and batch < $3 - 1 for update
), gone as (
  insert into yellow.restored (stream, first, last) select id, batch + 1, $3 - 1 from stream
), opened as (
  delete from yellow.batches b using stream where b.stream = stream.id and b.state <> 'committed'
)
update yellow.streams s set batch = $3 - 1, fence = $2 from stream where s.id = stream.id
