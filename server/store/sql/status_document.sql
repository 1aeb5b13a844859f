-- What the status document of ecosystem $1 says, in one snapshot of its jobs. The lists are JSON; lag_seconds is that
-- of the stream whose last commit is the oldest.
with j as (
  select * from jobs where ecosystem = $1
), worst as (
  select platform, name, rfc3339(last_commit_at) as at,
         floor(extract(epoch from clock_timestamp() - last_commit_at))::bigint as seconds
  from j
  where kind = 'stream' and retired_in is null and last_commit_at is not null
  order by last_commit_at, platform, name
  limit 1
), failure as (
  select jsonb_build_object('kind', kind, 'platform', platform, 'name', name, 'state', state, 'priority', priority,
                            'cause', cause, 'message', left(split_part(message, E'\n', 1), 200), 'batch', batch,
                            'since', rfc3339(changed_at)) as body,
         row_number() over (order by array_position('{critical,high,medium,low}', priority), changed_at, id) as place
  from j
  where state in ('failed', 'lost')
)
select e.version,
  (select jsonb_agg(jsonb_build_object('kind', kind, 'state', state, 'count', n))
   from (select kind, state, count(*) as n from j group by kind, state) c),
  (select platform from worst), (select name from worst), (select at from worst), (select seconds from worst),
  (select count(*) from j where kind = 'stream' and retired_in is null and last_commit_at is null),
  (select count(*) from j where retired_in is null and hint_skipped is not null),
  (select count(*) from j where state in ('failed', 'lost') and priority in ('critical', 'high')),
  (select jsonb_agg(body order by place) from failure where place <= $2),
  (select jsonb_agg(jsonb_build_object('id', id, 'scope', scope, 'commit', commit_oid, 'reason', reason, 'held_by', held_by,
                                       'held_at', rfc3339(held_at), 'version', version) order by id)
   from (select * from holds where ecosystem = $1 and released_at is null order by id limit $2) h)
from ecosystems e
where e.name = $1
