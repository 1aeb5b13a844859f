select count(*) from tokens
