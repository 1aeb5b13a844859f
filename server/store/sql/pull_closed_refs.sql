-- Which of these references only closed pull requests have.
select head_branch
  from pulls
 where ecosystem = $1 and repository = $2 and head_branch = any ($3::text[])
 group by head_branch
having not bool_or(open)
