-- The last operation of an operator that was done to stream $1.
select operation from yellow.streams where id = $1
