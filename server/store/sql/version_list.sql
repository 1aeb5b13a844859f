select version, commit_oid, author, message, plan -> 'summary', findings,
       rfc3339(created_at), path, rolled_back_to, planned, repository,
       (select jsonb_agg(jsonb_build_object('repository', nullif(c.repository, ''), 'commit', c.commit_oid, 'path', c.path)
                         order by c.repository)
          from version_commits c
         where c.ecosystem = v.ecosystem and v.version between c.version_in and c.version_out)
  from versions v
 where ecosystem = $1 and ($2::integer is null or version < $2::integer)
 order by version desc
 limit $3::bigint
