-- Objects that batches after $2 read are read again.
delete from yellow.objects where stream = $1 and batch > $2
