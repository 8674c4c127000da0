// The relational chapter, through postgres.js: load with COPY, constrain and index, ask, move counters in transactions, and
// give rights to a role and take them back.

import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import type { Chapter, Visit } from './chapter.ts';
import { airportsAsCsv, flightsAsLines, moviesAsJson, type TextSource } from './datasets.ts';
import { type Row, duration } from './screen.ts';

const schema = 'facetdb_tour';
const role = 'facetdb_tour_visitor';

export const relational: Chapter = {
  title: 'Tables: what SQL clients get',
  async run(visit) {
    const { postgres: url } = visit.urls;
    if (url === undefined) throw new Error('the server does not answer SQL clients');
    // One connection, so that `begin` and `set` in one statement hold for the next.
    const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: schema } });
    const cleanUp: string[] = [];
    try {
      const guide = new Guide(sql, visit);
      await guide.run(`create schema ${schema}`);
      cleanUp.push(`drop schema ${schema} cascade`);
      await loadTables(guide);
      await constrain(guide);
      await ask(guide);
      await moveMiles(guide);
      await giveAndTakeRights(guide, url, cleanUp);
    } finally {
      for (const statement of [...cleanUp, 'rollback'].toReversed()) {
        // What ended the tour early is the news, not that its connection no longer cleans up.
        await sql.unsafe(statement).catch(() => visit.screen.failure(`this is left to do: ${statement}`));
      }
      await sql.end();
    }
  },
};

/** Runs statements and shows them with their answers. */
class Guide {
  readonly sql: postgres.Sql;
  readonly visit: Visit;

  constructor(sql: postgres.Sql, visit: Visit) {
    this.sql = sql;
    this.visit = visit;
  }

  say(text: string): void {
    this.visit.signal.throwIfAborted();
    this.visit.screen.say(text);
  }

  async run(statement: string, values: readonly string[] = []): Promise<void> {
    const { screen, signal } = this.visit;
    signal.throwIfAborted();
    screen.statement(statement);
    const startedAt = performance.now();
    const result = await this.sql.unsafe<Row[]>(statement, [...values]);
    screen.answer([...result], `${result.command}${result.count === null ? '' : `, ${count(result.count, 'row')}`}, ${duration(startedAt)}`);
  }

  /** Shows a statement that must fail, and how it fails. */
  async refused(statement: string, sqlState: string): Promise<void> {
    const { screen, signal } = this.visit;
    signal.throwIfAborted();
    screen.statement(statement);
    const error: unknown = await this.sql.unsafe(statement).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (error === undefined) throw new Error(`this should have been refused: ${statement}`);
    if (!(error instanceof postgres.PostgresError) || error.code !== sqlState) throw error;
    screen.refusal(`${error.message} (${error.code})`);
  }

  async copy(statement: string, { stream, bytes }: TextSource): Promise<void> {
    const { screen, signal } = this.visit;
    screen.statement(statement);
    await screen.progress('Copying', async (tell) => {
      let sent = 0;
      const counter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          sent += chunk.length;
          tell(`${Math.round((100 * sent) / bytes)} %`);
          done(null, chunk);
        },
      });
      await pipeline(stream, counter, await this.sql.unsafe(statement).writable(), { signal });
    });
  }
}

async function loadTables(guide: Guide): Promise<void> {
  guide.say('Airports and flights are loaded with COPY, as a stream; films as one JSON parameter');
  await guide.run('create table airport (iata text, name text, city text, state text, country text, latitude real, longitude real)');
  await guide.copy('copy airport from stdin (format csv, header)', await airportsAsCsv());
  await guide.run('create table flight (departure timestamp, origin text, destination text, distance integer, delay integer)');
  await guide.copy('copy flight from stdin', await flightsAsLines());
  await guide.run(
    `create table film as
select "Title" as title, "Major Genre" as genre, "IMDB Rating" as rating, "IMDB Votes" as votes
from jsonb_to_recordset($1::text::jsonb) as film ("Title" text, "Major Genre" text, "IMDB Rating" real, "IMDB Votes" integer)`,
    [await moviesAsJson()],
  );
  await guide.run('select (select count(*) from airport) as airports, (select count(*) from flight) as flights, (select count(*) from film) as films');
}

async function constrain(guide: Guide): Promise<void> {
  guide.say('Constraints say what always holds; indexes make the questions quick');
  await guide.run('alter table airport add primary key (iata), alter column name set not null');
  await guide.run(`alter table flight
  add foreign key (origin) references airport,
  add foreign key (destination) references airport,
  add check (distance >= 0)`);
  await guide.run('create index on flight (origin, departure)');
  await guide.refused(`insert into flight values ('2001-01-01 08:00', 'SFO', 'XXX', 1000, 0)`, '23503');
}

async function ask(guide: Guide): Promise<void> {
  guide.say('Joins, groups, windows, recursion');
  await guide.run(`select a.iata, a.city, count(*) as flights, round(avg(f.delay)) as mean_delay, max(f.delay) as longest
from flight f join airport a on a.iata = f.origin
group by a.iata order by flights desc limit 5`);
  await guide.run(`select genre, title, rating from (
  select *, rank() over (partition by genre order by rating desc, votes desc) as place
  from film where genre is not null and votes > 10000
) as ranked where place = 1 order by rating desc limit 5`);
  await guide.run(`with recursive reached (iata, hops) as (
  select 'ANC', 0
  union
  select f.destination, hops + 1 from reached join flight f on f.origin = reached.iata where hops < 3
), nearest as (
  select iata, min(hops) as hops from reached group by iata
)
select hops, count(*) as airports from nearest group by hops order by hops`);
  await guide.run('analyze flight');
  await guide.run(`explain (costs off)
select count(*) from flight where origin = 'SFO' and departure < '2001-01-08'`);
}

async function moveMiles(guide: Guide): Promise<void> {
  guide.say('Counters move in a transaction: both change, or none');
  await guide.run('create table miles (traveller text primary key, balance integer not null check (balance >= 0))');
  await guide.run(`insert into miles values ('Amelia', 1000), ('Bessie', 200)`);
  await guide.run('begin');
  await guide.run(`update miles set balance = balance - 300 where traveller = 'Amelia'`);
  await guide.run(`update miles set balance = balance + 300 where traveller = 'Bessie'`);
  await guide.run('commit');
  await guide.run('select * from miles order by traveller');

  guide.say('A mistake is rolled back, in part or as a whole');
  await guide.run('begin isolation level serializable');
  await guide.run(`update miles set balance = balance + 9000 where traveller = 'Bessie'`);
  await guide.run('savepoint before_the_debit');
  await guide.refused(`update miles set balance = balance - 9000 where traveller = 'Amelia'`, '23514');
  await guide.run('rollback to savepoint before_the_debit');
  await guide.run('rollback');
  await guide.run('select * from miles order by traveller');
}

async function giveAndTakeRights(guide: Guide, url: string, cleanUp: string[]): Promise<void> {
  guide.say('A role logs in with its own password and does what it was granted, nothing else');
  const password = randomBytes(16).toString('hex');
  guide.visit.screen.statement(`create role ${role} login password '…'`);
  await guide.sql.unsafe(`create role ${role} login password '${password}'`);
  cleanUp.push(`drop role ${role}`, `drop owned by ${role}`);
  await guide.run(`grant usage on schema ${schema} to ${role}`);
  await guide.run(`grant select (iata, city, state) on airport to ${role}`);

  const visitorUrl = Object.assign(new URL(url), { username: role, password }).href;
  const sql = postgres(visitorUrl, { max: 1, connection: { search_path: schema } });
  try {
    const visitor = new Guide(sql, guide.visit);
    guide.say(`As ${role}`);
    await visitor.run(`select iata, city from airport where state = 'HI' order by iata limit 3`);
    await visitor.refused('select name from airport', '42501');
    await visitor.refused(`update miles set balance = 1000000 where traveller = 'Bessie'`, '42501');
    guide.say('As the administrator');
    await guide.run(`revoke select (iata, city, state) on airport from ${role}`);
    guide.say(`As ${role}, over the same connection`);
    await visitor.refused('select iata from airport', '42501');
  } finally {
    await sql.end();
  }
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
