-- Whoever reads a transformer's last output, to the end of its transaction: a newer run that publishes may end it. $1
-- ecosystem, $2 platform, $3 name.
select pg_advisory_xact_lock_shared(1497713743, (id % 2147483647)::int)
from yellow.transformers
where ecosystem = $1 and platform = $2 and name = $3
