insert into pull_labels (ecosystem, number, stands)
values ($1, repository_key($4, $2), $3::boolean)
    on conflict (ecosystem, number) do update
   set stands = excluded.stands
