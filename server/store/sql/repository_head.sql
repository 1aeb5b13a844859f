update repositories
   set head_oid = $2, head_at = $3::timestamptz, head_delivery = $4::bigint
 where ecosystem = $1 and name = $6 and revision = $5::bigint
