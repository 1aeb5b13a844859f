-- Open pull requests of an ecosystem after a hold or an approval came or went.
update pulls set again = true, due_at = now() where ecosystem = $1 and open and version is null
