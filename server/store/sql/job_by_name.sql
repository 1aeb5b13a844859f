-- One job with its live run and its hint.
select * from job_rows where ecosystem = $1 and kind = $2 and platform = $3 and name = $4
