-- What was decided on the head may be decided otherwise now.
update ecosystems
   set head_oid = null, head_at = null, head_delivery = null
 where name = $1
