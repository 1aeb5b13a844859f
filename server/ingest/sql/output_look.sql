-- $1 ecosystem, $2 platform, $3 name.
select id, fence, next from yellow.transformers where ecosystem = $1 and platform = $2 and name = $3
