-- A change of hints and a merge of the same ecosystem keep out of each other's way: the merge reads all hints once.
-- $2: true for the merge, which excludes everybody; false for one hint.
select case when $2::boolean then pg_advisory_xact_lock(hashtextextended('yellow hints ' || $1, 0))
            else pg_advisory_xact_lock_shared(hashtextextended('yellow hints ' || $1, 0)) end
