-- Every kind of constraint, checked at once or at commit.

create domain percentage as integer check (value between 0 and 100);

create table country (code char(2) primary key, name text not null unique);

create table city (
  id integer generated always as identity primary key,
  country char(2) not null references country,
  name text not null check (name <> ''),
  forested percentage,
  people integer check (people >= 0),
  capital boolean not null default false,
  constraint no_larger_capital check (not capital or people < 20000000),
  unique nulls not distinct (country, name)
);

create unique index one_capital on city (country) where capital;

insert into country values ('NL', 'Netherlands'), ('BE', 'Belgium');

insert into city (country, name, forested, people, capital) values ('NL', 'Amsterdam', 10, 900000, true), ('NL', 'Delft', null, 103000, false);

-- not null, check, domain, type

insert into city (country, name) values ('NL', null);
--> error 23502

insert into city (country, name) values ('NL', '');
--> error 23514 city_name_check

update city set people = -1;
--> error 23514 city_people_check

insert into city (country, name, capital, people) values ('BE', 'Sprawl', true, 20000000);
--> error 23514 no_larger_capital

update city set forested = 101 where name = 'Delft';
--> error 23514 percentage_check

insert into country values ('NLD', 'too long');
--> error 22001

-- primary key, unique, unique over a part of the rows

insert into country values ('NL', 'Again');
--> error 23505 country_pkey

insert into country values ('LU', 'Belgium');
--> error 23505 country_name_key

insert into city (country, name) values ('NL', 'Delft');
--> error 23505 city_country_name_key

update city set capital = true where name = 'Delft';
--> error 23505 one_capital

insert into city (id, country, name) values (1, 'BE', 'Ghent');
--> error 428C9

-- foreign keys and what they do

insert into city (country, name) values ('XX', 'Nowhere');
--> error 23503 city_country_fkey

delete from country where code = 'NL';
--> error 23503 city_country_fkey

update country set code = 'NN' where code = 'NL';
--> error 23503 city_country_fkey

delete from country where code = 'BE';
--> DELETE 1

create table twin (
  city integer references city on delete cascade on update cascade,
  friend integer default 2 references city on delete set default,
  guide integer references city on delete set null
);

insert into city (country, name) values ('NL', 'Gouda'), ('NL', 'Urk');

insert into twin select a.id, b.id, b.id from city a, city b where a.name = 'Gouda' and b.name = 'Urk';

delete from city where name = 'Urk';

select a.name as city, b.name as friend, guide from twin join city a on a.id = city join city b on b.id = friend;
--> city  | friend | guide
--> Gouda | Delft  | null

delete from city where name = 'Gouda';

select count(*) from twin;
--> count
--> 0

-- exclusion

create table booking (room integer, during int4range, exclude using gist (during with &&) where (room = 1));

insert into booking values (1, '[1,5)'), (1, '[5,9)'), (2, '[1,9)');
--> INSERT 3

insert into booking values (1, '[4,6)');
--> error 23P01 booking_during_excl

-- a statement is checked as a whole, and fails as a whole

create table position (place integer unique deferrable initially immediate, who text);

insert into position values (1, 'a'), (2, 'b'), (3, 'c');

update position set place = place + 1;
--> UPDATE 3

insert into position values (9, 'd'), (10, 'e'), (2, 'f');
--> error 23505 position_place_key

select count(*) from position;
--> count
--> 3

-- deferred to the end of the transaction

create table husband (name text primary key, wife text not null);

create table wife (name text primary key, husband text not null references husband deferrable initially deferred);

alter table husband add constraint has_wife foreign key (wife) references wife deferrable initially deferred;

begin;

insert into husband values ('Pierre', 'Marie');
--> INSERT 1

insert into wife values ('Marie', 'Pierre');

commit;
--> COMMIT

begin;

insert into husband values ('Adam', 'Eve');
--> INSERT 1

commit;
--> error 23503 has_wife

select name from husband;
--> name
--> Pierre

begin;

insert into husband values ('Adam', 'Eve');

set constraints has_wife immediate;
--> error 23503 has_wife

rollback;

begin;

set constraints all deferred;

update position set place = 2 where who = 'b';
--> UPDATE 1

-- 'a' and 'b' now stand on the same place, which only the end of the transaction forbids.
update position set place = 3 where who = 'a';

commit;
--> COMMIT

-- constraint triggers: rules over several rows, at commit

create table ledger (entry integer, amount integer);

create function entry_balances() returns trigger language plpgsql as $$
begin
  if (select sum(amount) from ledger where entry = new.entry) <> 0 then
    raise exception 'entry % does not balance', new.entry using errcode = 'check_violation', constraint = 'balanced';
  end if;
  return null;
end
$$;

create constraint trigger balanced after insert or update on ledger deferrable initially deferred
  for each row execute function entry_balances();

begin;

insert into ledger values (1, 100);

insert into ledger values (1, -100);

commit;
--> COMMIT

begin;

insert into ledger values (2, 100);

insert into ledger values (2, -99);

commit;
--> error 23514 balanced

select entry, sum(amount) from ledger group by entry;
--> entry | sum
--> 1     | 0

-- what is added later is checked against what is there

alter table city add constraint small check (people < 200000);
--> error 23514 small

alter table city add constraint small check (people < 200000) not valid;
--> ALTER

insert into city (country, name, people) values ('NL', 'Rotterdam', 650000);
--> error 23514 small

alter table city validate constraint small;
--> error 23514 small
