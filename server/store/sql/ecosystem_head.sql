update ecosystems
   set head_oid = $2, head_at = $3::timestamptz, head_delivery = $4::bigint
 where name = $1 and revision = $5::bigint
