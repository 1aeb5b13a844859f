-- Locks the job of run $2.
select j.id
from jobs j
where j.ecosystem = $1 and j.id = (select r.job from runs r where r.id = $2)
for no key update
