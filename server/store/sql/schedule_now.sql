-- The clock that schedules go by; and how many versions are in force in all, by which a new one is noticed.
select floor(extract(epoch from clock_timestamp()) * 1000)::bigint, (select sum(version) from ecosystems)
