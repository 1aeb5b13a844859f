-- The views on a table, also on one another, innermost first: how to take each off, and how to put it back with its
-- owner and its grants.
with recursive depending (view, depth) as (
  select r.ev_class, 1
  from pg_depend d
  join pg_rewrite r on r.oid = d.objid
  where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjid = format('%I.%I', $1::text, $2::text)::regclass and r.ev_class <> d.refobjid
  union
  select r.ev_class, depending.depth + 1
  from depending
  join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = depending.view
    and d.classid = 'pg_rewrite'::regclass
  join pg_rewrite r on r.oid = d.objid
  where r.ev_class <> depending.view
), view as (
  select view as oid, max(depth) as depth, format('%I.%I', n.nspname, c.relname) as name, c.relowner, c.relacl,
         c.reloptions
  from depending
  join pg_class c on c.oid = depending.view and c.relkind = 'v'
  join pg_namespace n on n.oid = c.relnamespace
  group by view, n.nspname, c.relname, c.relowner, c.relacl, c.reloptions
)
select format('drop view %s;', name),
       format('create view %s%s as %s', name,
              ' with (' || (select string_agg(o, ', ') from unnest(reloptions) o) || ')',
              pg_get_viewdef(oid)) ||
       format('; alter view %s owner to %s;', name, quote_ident(pg_get_userbyid(relowner))) ||
       coalesce((select string_agg(format(' grant %s on %s to %s%s;', a.privilege_type, name,
                                          case a.grantee when 0 then 'public'
                                               else quote_ident(pg_get_userbyid(a.grantee)) end,
                                          case when a.is_grantable then ' with grant option' else '' end), '')
                 from aclexplode(relacl) a where a.grantee <> relowner), '')
from view
order by depth, name
