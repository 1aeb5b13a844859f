-- The head that was decided on after the delivery came, with its outcome: no fetch can tell more about the delivery. A head
-- that was rejected before the version in force came, by another repository, may pass by now.
select e.head_oid, h.id, h.state, h.version, h.findings,
       (extract(epoch from e.head_at - d.received_at) * 1000)::bigint,
       h.reason
  from deliveries d
  join repository_rows e on e.ecosystem = d.ecosystem and e.name = d.repository
  join deliveries h on h.id = e.head_delivery
  left join versions v on v.ecosystem = e.ecosystem and v.version = e.version
 where d.id = $1::bigint and d.received_at < e.head_at
   and (h.state <> 'rejected' or v.repository is not distinct from e.name or h.finished_at >= v.created_at
        or v.version is null)
