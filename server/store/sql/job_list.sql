-- Jobs of one kind in order of their key, after ($8, $9) when given; a filter that is null takes all.
select * from job_rows
where ecosystem = $1 and kind = $2
  and ($3::text is null or psp = $3)
  and ($4::text is null or platform = $4)
  and ($5::text is null or store = $5)
  and ($6::text is null or team = $6)
  and ($7::text is null or state = $7)
  and (platform, name) > (coalesce($8, ''), coalesce($9, ''))
order by platform, name
limit $10
