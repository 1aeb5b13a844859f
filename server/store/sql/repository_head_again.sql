update repositories set head_at = $3::timestamptz
 where ecosystem = $1 and name = $5 and head_oid = $2 and revision = $4::bigint and head_at < $3::timestamptz
