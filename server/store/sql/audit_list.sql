-- Audit rows of an ecosystem, newest first, before row $5 when given; a filter that is null takes all.
select id, rfc3339(at), actor, action, object, before, after, request_id
from audit
where ecosystem = $1
  and ($2::text is null or object = $2)
  and ($3::text is null or actor = $3)
  and ($4::text is null or action = $4)
  and ($5::bigint is null or id < $5)
order by id desc
limit $6
