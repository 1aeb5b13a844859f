-- Another one whose schemas and roles would have the same names in a merge database that both use.
select name
  from ecosystems
 where name <> $1 and translate(lower(name), '-', '_') = translate(lower($1), '-', '_')
 order by name
 limit 1
