update ecosystems set head_at = $3::timestamptz
 where name = $1 and head_oid = $2 and revision = $4::bigint and head_at < $3::timestamptz
