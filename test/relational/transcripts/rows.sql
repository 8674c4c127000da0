-- Inserting, updating, deleting and merging rows.

create table stock (item text primary key, amount integer not null check (amount >= 0), price numeric(8, 2));

insert into stock values ('apple', 10, 0.50), ('pear', 0, null) returning item, price;
--> item  | price
--> apple | 0.50
--> pear  | null

insert into stock (item, amount) select 'crate ' || n, n * 100 from generate_series(1, 3) as n;
--> INSERT 3

insert into stock values ('apple', 1, 1);
--> error 23505 stock_pkey

insert into stock values ('apple', 5, 0.55)
on conflict (item) do update set amount = stock.amount + excluded.amount, price = excluded.price
returning amount, price;
--> amount | price
--> 15     | 0.55

insert into stock values ('apple', 5) on conflict do nothing;
--> INSERT 0

update stock set amount = amount - 1, price = coalesce(price, 1) where item in ('apple', 'crate 1') returning item, amount, price;
--> item    | amount | price
--> apple   | 14     | 0.55
--> crate 1 | 99     | 1.00

update stock set amount = amount - 100 where item = 'apple';
--> error 23514 stock_amount_check

create table deliveries (item text, amount integer);

insert into deliveries values ('apple', 6), ('plum', 40), ('pear', 0);

update stock set amount = stock.amount + deliveries.amount from deliveries where deliveries.item = stock.item;
--> UPDATE 2

merge into stock using deliveries on stock.item = deliveries.item
when matched and deliveries.amount = 0 then delete
when matched then update set amount = stock.amount + deliveries.amount
when not matched then insert (item, amount) values (deliveries.item, deliveries.amount);
--> MERGE 3

select item, amount from stock order by item;
--> item    | amount
--> apple   | 26
--> crate 1 | 99
--> crate 2 | 200
--> crate 3 | 300
--> plum    | 40

with gone as (delete from stock where item like 'crate %' returning item, amount)
select count(*), sum(amount) from gone;
--> count | sum
--> 3     | 599

delete from stock using deliveries where deliveries.item = stock.item and deliveries.amount > 30;
--> DELETE 1

insert into stock (item) values ('nothing');
--> error 23502

insert into stock values ('text', 'many');
--> error 22P02

insert into stock values ('big', 3000000000);
--> error 22003

table stock;
--> item  | amount | price
--> apple | 26     | 0.55
