-- Creating, altering and dropping tables, and what else a schema is made of.

create table customers (
  id integer generated always as identity primary key,
  name text not null,
  email text unique
);
--> CREATE

create table orders (
  id integer generated always as identity primary key,
  customer integer not null references customers (id) on delete cascade,
  placed timestamptz not null default now(),
  total numeric(10, 2) check (total >= 0)
);
--> CREATE

create table orders (id integer);
--> error 42P07

insert into customers (name, email) values ('Ada', 'ada@example.org'), ('Grace', null);
--> INSERT 2

alter table customers add column country char(2) default 'NL', add column tags text[] not null default '{}';
--> ALTER

select id, name, country, tags from customers order by id;
--> id | name  | country | tags
--> 1  | Ada   | NL      | {}
--> 2  | Grace | NL      | {}

alter table customers rename column name to full_name;
--> ALTER

alter table customers alter column full_name type varchar(3);
--> error 22001

alter table customers alter column country drop default, alter column country set not null;
--> ALTER

alter table customers add constraint known_country check (country in ('NL', 'BE'));
--> ALTER

insert into customers (full_name, country) values ('Linus', 'FI');
--> error 23514 known_country

alter table customers drop column tags;
--> ALTER

select column_name, data_type, is_nullable from information_schema.columns
where table_schema = current_schema() and table_name = 'customers' order by ordinal_position;
--> column_name | data_type         | is_nullable
--> id          | integer           | NO
--> full_name   | text              | NO
--> email       | text              | YES
--> country     | character         | NO

create index orders_by_customer on orders (customer) include (total) where total > 0;
--> CREATE

create unique index customers_by_lower_email on customers (lower(email));
--> CREATE

insert into customers (full_name, country, email) values ('Ada again', 'BE', 'ADA@example.org');
--> error 23505 customers_by_lower_email

create view dutch as select id, full_name from customers where country = 'NL' with check option;
--> CREATE

update dutch set full_name = 'Grace H.' where id = 2;
--> UPDATE 1

alter table customers drop column full_name;
--> error 2BP01

create materialized view totals as select customer, sum(total) as total from orders group by customer;
--> SELECT 0

insert into orders (customer, total) values (1, 10), (1, 2.5), (2, 7);
--> INSERT 3

refresh materialized view totals;
--> REFRESH

select customer, total from totals order by customer;
--> customer | total
--> 1        | 12.50
--> 2        | 7.00

create function order_count(wanted integer) returns bigint language sql stable
  return (select count(*) from orders where customer = wanted);
--> CREATE

select order_count(1), order_count(99);
--> order_count | order_count
--> 2           | 0

create table audit (at timestamptz default now(), was numeric, became numeric);

create function audit_total() returns trigger language plpgsql as $$
begin
  insert into audit (was, became) values (old.total, new.total);
  return new;
end
$$;
--> CREATE

create trigger audit_totals after update of total on orders for each row
  when (old.total is distinct from new.total) execute function audit_total();
--> CREATE

update orders set total = total + 1 where customer = 1;
--> UPDATE 2

select was, became from audit order by was;
--> was   | became
--> 2.50  | 3.50
--> 10.00 | 11.00

create table events (at date not null, what text) partition by range (at);

create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');

create table events_rest partition of events default;

insert into events values ('2025-06-01', 'in'), ('1999-01-01', 'out');

select tableoid::regclass::text as part, what from events order by what;
--> part        | what
--> events_2025 | in
--> events_rest | out

create temporary table scratch as select generate_series(1, 3) as n;
--> SELECT 3

create sequence tickets start 100 increment 10;
--> CREATE

select nextval('tickets'), nextval('tickets'), currval('tickets');
--> nextval | nextval | currval
--> 100     | 110     | 110

truncate customers;
--> error 0A000

truncate customers, orders restart identity;
--> TRUNCATE

drop table customers;
--> error 2BP01

drop table customers cascade;
--> DROP

select * from customers;
--> error 42P01

drop table if exists customers;
--> DROP
