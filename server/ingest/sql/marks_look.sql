-- What batch $2 of stream $1 kept of the tables that it read.
select source, horizon, tables::text from yellow.marks where stream = $1 and batch = $2
