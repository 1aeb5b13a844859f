-- One job with its live run and its hint.
select * from job_rows where id = $1
