insert into deliveries (ecosystem, forge, event, forge_id, redelivery_of, content_type, payload, repository)
select ecosystem, forge, event,
       format('redelivery-of-%s-%s', id, 1 + (select count(*) from deliveries r where r.redelivery_of = d.id)),
       id, content_type, payload, repository
  from deliveries d
 where id = $1::bigint
returning id
