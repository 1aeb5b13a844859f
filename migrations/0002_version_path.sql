-- The folder that the model of a version was read from: the same commit holds another model in another folder.
alter table versions add column path text not null default '';
update versions v set path = e.path from ecosystems e where e.name = v.ecosystem and e.path <> '';
