-- COMMIT, ROLLBACK, SAVEPOINT and ROLLBACK TO, as one session sees them.

create table account (name text primary key, balance integer not null);

insert into account values ('a', 100), ('b', 100);

begin;
--> BEGIN

update account set balance = balance - 30 where name = 'a';

rollback;
--> ROLLBACK

select balance from account where name = 'a';
--> balance
--> 100

begin;

update account set balance = balance - 30 where name = 'a';

savepoint before_b;
--> SAVEPOINT

update account set balance = balance + 99 where name = 'b';

savepoint inner_one;

delete from account;
--> DELETE 2

rollback to savepoint inner_one;
--> ROLLBACK

select sum(balance) from account;
--> sum
--> 269

rollback to before_b;

update account set balance = balance + 30 where name = 'b';

release savepoint before_b;
--> RELEASE

rollback to inner_one;
--> error 3B001

select 1;
--> error 25P02

-- A failed transaction that is committed is rolled back, and says so.
commit;
--> ROLLBACK

select name, balance from account order by name;
--> name | balance
--> a    | 100
--> b    | 100

begin isolation level serializable read only;

update account set balance = 0;
--> error 25006

rollback;

begin;

update account set balance = balance - 30 where name = 'a';

update account set balance = balance + 30 where name = 'b';

create table made_inside (id integer);

commit;
--> COMMIT

select name, balance from account order by name;
--> name | balance
--> a    | 70
--> b    | 130

-- Tables are transactional too.
begin;

drop table made_inside;

alter table account add column note text;

rollback;

select (select count(*) from made_inside) as rows_of_made, (select count(*) from information_schema.columns
  where table_schema = current_schema() and table_name = 'account') as columns_of_account;
--> rows_of_made | columns_of_account
--> 0            | 2

begin;

savepoint try;

insert into account values ('a', 1);
--> error 23505 account_pkey

rollback to try;

insert into account values ('c', 1);

commit;

select count(*) from account;
--> count
--> 3

begin;

set local statement_timeout = '20ms';

select pg_sleep(5);
--> error 57014

rollback;

show statement_timeout;
--> statement_timeout
--> 0

begin;

declare page cursor for select n from generate_series(1, 5) as n;

fetch 2 from page;
--> n
--> 1
--> 2

fetch backward 1 from page;
--> n
--> 1

commit;

fetch page;
--> error 34000

commit and chain;
--> error 25P01
