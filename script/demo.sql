-- The source systems of examples/acme, small, for script/demo: psql runs it as often as the demo is started.
\set ON_ERROR_STOP on
set client_min_messages = warning;

\connect crm
create table if not exists people (
  id text primary key, full_name varchar(100) not null, email text, employer varchar(100), born_on date);
create table if not exists addresses (
  id text primary key, person_id text not null, street text not null, city text not null, country char(2) not null);
insert into people
select 'P' || i, (array['Ada', 'Billy', 'Carol', 'Dan', 'Laura', 'William'])[1 + i % 6] || ' ' || i,
  'p' || i || '@example.net', (array['Acme', 'MyCorp', null])[1 + i % 3], date '1960-01-01' + i * 97 % 15000
from generate_series(1, 2000) i on conflict do nothing;
insert into addresses
select 'A' || i, 'P' || i, i || ' Main Street', (array['New York', 'Boston', 'Dublin'])[1 + i % 3],
  (array['US', 'US', 'IE'])[1 + i % 3]
from generate_series(1, 2000) i on conflict do nothing;
grant select on all tables in schema public to "crm-reader";

\connect shop
create table if not exists orders (
  id bigint primary key, customer_id text not null, status text not null, ordered_at timestamptz not null,
  updated_at timestamptz not null default now());
create table if not exists order_lines (
  order_id bigint, line integer, item_id text not null, quantity numeric(12, 3) not null,
  price numeric(12, 2) not null, currency char(3) not null, updated_at timestamptz not null default now(),
  primary key (order_id, line));
insert into orders
select i, 'P' || 1 + i % 2000, (array['open', 'paid', 'shipped'])[1 + i % 3], now() - i * interval '1 hour'
from generate_series(1, 5000) i on conflict do nothing;
insert into order_lines
select i, 1, 'I' || 1 + i % 300, 1 + i % 5, 9.5 + i % 90, 'EUR' from generate_series(1, 5000) i on conflict do nothing;
grant select on all tables in schema public to "shop-reader";

\connect wms
create schema if not exists wms;
create table if not exists wms.items (id text primary key, title text not null, weight_kg numeric(10, 3));
create table if not exists wms.levels (
  item_id text, bin text, quantity integer not null, counted_at timestamptz not null, primary key (item_id, bin));
insert into wms.items
select 'I' || i, 'Item ' || i, nullif(i % 40, 0) / 10.0 from generate_series(1, 300) i on conflict do nothing;
insert into wms.levels
select 'I' || i, 'B' || b, i * b % 100, now() from generate_series(1, 300) i, generate_series(1, 3) b
on conflict do nothing;
grant usage on schema wms to "warehouse-reader";
grant select on all tables in schema wms to "warehouse-reader";

\connect ledger
create schema if not exists ledger;
create table if not exists ledger.invoices (
  number text primary key, order_id bigint not null, issued_on date not null, amount numeric(14, 2) not null,
  currency char(3) not null, changed_at timestamptz not null default now());
create table if not exists ledger.payments (
  id bigint primary key, invoice_number text not null, amount numeric(14, 2) not null,
  booked_at timestamptz not null default now());
insert into ledger.invoices
select 'R' || i, i, current_date - i % 30, 10 + i % 500, 'EUR' from generate_series(1, 3000) i on conflict do nothing;
insert into ledger.payments
select i, 'R' || i, 10 + i % 500 from generate_series(1, 2500) i on conflict do nothing;
grant usage on schema ledger to "ledger-reader";
grant select on all tables in schema ledger to "ledger-reader";
