-- Selecting: joins, grouping, windows, recursion, and the values that come back.

create table departments (id integer primary key, name text, parent integer references departments);

insert into departments values (1, 'All', null), (2, 'Research', 1), (3, 'Sales', 1), (4, 'Storage', 2), (5, 'Empty', 3);

create table people (id integer primary key, name text, department integer references departments, salary integer);

insert into people values
  (1, 'Ada', 2, 900), (2, 'Brian', 4, 700), (3, 'Cora', 4, 700), (4, 'Dirk', 3, 400), (5, 'Eva', 3, 600), (6, 'Finn', null, 100);

select p.name, d.name as department from people p join departments d on d.id = p.department where p.salary >= 700 order by p.id;
--> name  | department
--> Ada   | Research
--> Brian | Storage
--> Cora  | Storage

select p.name, d.name as department from people p full join departments d on d.id = p.department
where p.id is null or d.id is null order by 1 nulls last, 2;
--> name | department
--> Finn | null
--> null | All
--> null | Empty

select d.name, best.name as best
from departments d cross join lateral (select name from people where department = d.id order by salary desc, id limit 1) as best order by d.id;
--> name     | best
--> Research | Ada
--> Sales    | Eva
--> Storage  | Brian

select name from departments d where not exists (select from people where department = d.id) order by id;
--> name
--> All
--> Empty

select d.name, count(*), sum(salary), avg(salary)::integer as mean, array_agg(p.name order by p.name) as names
from people p join departments d on d.id = p.department group by d.id having count(*) > 1 order by d.name;
--> name    | count | sum  | mean | names
--> Sales   | 2     | 1000 | 500  | {Dirk,Eva}
--> Storage | 2     | 1400 | 700  | {Brian,Cora}

select department, salary, count(*), grouping(department, salary) from people where department in (3, 4)
group by rollup (department, salary) order by department nulls last, salary nulls last;
--> department | salary | count | grouping
--> 3          | 400    | 1     | 0
--> 3          | 600    | 1     | 0
--> 3          | null   | 2     | 1
--> 4          | 700    | 2     | 0
--> 4          | null   | 2     | 1
--> null       | null   | 4     | 3

select count(*) filter (where salary > 500), percentile_cont(0.5) within group (order by salary) as median from people;
--> count | median
--> 4     | 650

select name, rank() over by_salary, salary - lag(salary) over by_salary as step, sum(salary) over (order by salary rows unbounded preceding) as running
from people where department is not null window by_salary as (order by salary) order by salary, name;
--> name  | rank | step | running
--> Dirk  | 1    | null | 400
--> Eva   | 2    | 200  | 1000
--> Brian | 3    | 100  | 1700
--> Cora  | 3    | 0    | 2400
--> Ada   | 5    | 200  | 3300

with recursive tree (id, path, depth) as (
  select id, name, 0 from departments where parent is null
  union all
  select d.id, tree.path || ' > ' || d.name, depth + 1 from departments d join tree on d.parent = tree.id
)
select depth, path from tree order by path;
--> depth | path
--> 0     | All
--> 1     | All > Research
--> 2     | All > Research > Storage
--> 1     | All > Sales
--> 2     | All > Sales > Empty

with recursive walk (node) as (
  select 1 union all select node % 3 + 1 from walk
) cycle node set looped using path
select node, looped from walk;
--> node | looped
--> 1    | f
--> 2    | f
--> 3    | f
--> 1    | t

select 1 as n union select 2 except select 1 order by n;
--> n
--> 2

select distinct on (department) department, name from people order by department, salary desc, id;
--> department | name
--> 2          | Ada
--> 3          | Eva
--> 4          | Brian
--> null       | Finn

select * from people where name = 'Nobody';
--> id | name | department | salary
--> (no rows)

select jsonb_agg(jsonb_build_object('name', name, 'salary', salary) order by id) as document from people where salary < 500;
--> document
--> [{"name": "Dirk", "salary": 400}, {"name": "Finn", "salary": 100}]

select value ->> 'a' as a, value @? '$.b[*] ? (@ > 2)' as found
from jsonb_array_elements('[{"a": "x", "b": [1, 2]}, {"a": "y", "b": [3]}]') as value;
--> a | found
--> x | f
--> y | t

select to_tsvector('english', 'The quick brown foxes') @@ to_tsquery('english', 'fox & quick') as found;
--> found
--> t

select 0.1 + 0.2 = 0.3 as exact, factorial(20) as big, 7 / 2 as whole, 'naïve' collate "C" < 'ñ' as ordered;
--> exact | big                 | whole | ordered
--> t     | 2432902008176640000 | 3     | t

select '\x00ff'::bytea, 'b1b2d3c4-0000-4000-8000-000000000001'::uuid, '[1,5)'::int4range @> 5 as inside, interval '1 day' * 2 as two_days;
--> bytea  | uuid                                 | inside | two_days
--> \x00ff | b1b2d3c4-0000-4000-8000-000000000001 | f      | 2 days

select nope from people;
--> error 42703

select 1 / 0;
--> error 22012
