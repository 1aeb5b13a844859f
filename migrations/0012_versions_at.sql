-- The version that was in force at a time.
create index versions_by_time on versions (ecosystem, created_at desc);
