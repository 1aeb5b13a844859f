-- The stream as it is, and what the batch counted when it is committed.
select s.id, s.fence, s.batch, b.watermark, b.counts::text
from yellow.streams s
left join yellow.batches b on b.stream = s.id and b.batch = $4 and b.state = 'committed'
where s.ecosystem = $1 and s.platform = $2 and s.name = $3
