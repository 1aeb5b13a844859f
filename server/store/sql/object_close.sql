-- The objects of ecosystem $1 that are named go out before version $2. Each is looked up by itself: a join is planned as
-- one loop in another wherever a table is too young for the planner to know how large it is.
update objects
   set version_out = $2::integer - 1
 where ctid = any (array(
         select o.ctid
           from unnest($3::text[], $4::text[]) as gone (kind, name)
          cross join lateral (select i.ctid
                                from objects i
                               where i.ecosystem = $1 and i.version_out = 2147483647
                                 and i.kind = gone.kind and i.name = gone.name
                               limit 1) o))
