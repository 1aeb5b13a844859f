insert into yellow.transformers (ecosystem, platform, name) values ($1, $2, $3)
on conflict (ecosystem, platform, name) do nothing
