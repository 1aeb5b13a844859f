select s.id, s.batch,
       (select count(*) from yellow.batches b where b.stream = s.id and b.state = 'committed'),
       (select coalesce(min(b.batch), 1) from yellow.batches b where b.stream = s.id and b.state = 'committed'),
       (select count(*) from yellow.batches b where b.stream = s.id and b.batch > s.batch + 1)
from yellow.streams s
where s.ecosystem = $1 and s.platform = $2 and s.name = $3
