-- Reads the views of the workspace marketing, writes the output store masked-customers: people without names, e-mail
-- addresses or birthdays.
INSERT INTO people (id, employer, birth_year)
SELECT id, employer, CAST(extract(year FROM born_on) AS integer)
FROM current__customers__people;
