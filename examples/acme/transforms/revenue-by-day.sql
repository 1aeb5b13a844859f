-- Reads the views of the workspace month-end, writes the output store revenue: what was invoiced each day, in euros.
INSERT INTO by_day (day, invoices, revenue_euro)
SELECT i.issued_on, count(*), round(sum(i.amount / r.per_euro), 2)
FROM books__invoices__invoices i
JOIN books__exchange_rates__rates r ON r.day = i.issued_on AND r.currency = i.currency
GROUP BY i.issued_on;
