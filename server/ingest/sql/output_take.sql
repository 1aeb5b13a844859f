-- $1 transformer, $2 the fence of the run that has it now, $3 the schema of its new output; null: there is none.
update yellow.transformers set fence = $2, next = $3 where id = $1
