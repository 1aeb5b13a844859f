-- No key update: deliveries, which refer to the ecosystem, are received while a merge holds it.
select from ecosystems where name = $1 for no key update
