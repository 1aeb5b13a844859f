-- Whoever publishes or begins holds it to the end of its transaction.
select fence, next from yellow.transformers where id = $1 for update
