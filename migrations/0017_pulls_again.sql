-- What a pull request shows is to be looked at again: a hold or an approval came or went.
alter table pulls add column again boolean not null default false;
