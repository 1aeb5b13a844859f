-- Bodies are large texts that are written once and read rarely: lz4 where this PostgreSQL has it, since its own method
-- takes most of the time of a merge.
do $$
begin
  alter table objects alter column body set compression lz4;
exception when feature_not_supported then
  null;
end
$$;
