// The chapter of documents, through MongoDB's driver: films as documents, found by an index, grouped, changed in a
// transaction over two collections; and the same documents read by SQL.

import { MongoClient, type Db, type Document } from 'mongodb';
import postgres from 'postgres';
import type { Chapter, Visit } from './chapter.ts';
import { moviesAsJson } from './datasets.ts';
import { type Row, duration } from './screen.ts';

const database = 'facetdb_tour_documents';

export const documents: Chapter = {
  title: 'Documents: what MongoDB clients get',
  async run(visit) {
    const { mongodb: url, postgres: sqlUrl } = visit.urls;
    if (url === undefined) return visit.screen.say('Not shown: the URL of a MongoDB port was not given.');
    const client = await MongoClient.connect(url);
    const db = client.db(database);
    try {
      const guide = new Guide(db, visit);
      await loadFilms(guide);
      await findFilms(guide);
      await groupFilms(guide);
      await lendFilm(guide, client);
      if (sqlUrl !== undefined) await readBySql(guide, sqlUrl);
    } finally {
      await db.dropDatabase();
      await client.close();
    }
  },
};

/** Runs what it shows. */
class Guide {
  readonly db: Db;
  readonly visit: Visit;

  constructor(db: Db, visit: Visit) {
    this.db = db;
    this.visit = visit;
  }

  say(text: string): void {
    this.visit.signal.throwIfAborted();
    this.visit.screen.say(text);
  }

  async run(text: string, work: () => Promise<readonly Document[]>): Promise<void> {
    this.visit.signal.throwIfAborted();
    this.visit.screen.statement(text);
    const startedAt = performance.now();
    this.visit.screen.answer((await work()).map(rowOf), duration(startedAt));
  }
}

async function loadFilms({ db, visit }: Guide): Promise<void> {
  const films = JSON.parse(await moviesAsJson()) as readonly Record<string, unknown>[];
  const shown = films.map((film) => ({ title: String(film['Title']), genre: film['Major Genre'], director: film['Director'], rating: film['IMDB Rating'], votes: film['IMDB Votes'] }));
  await visit.screen.progress(`Inserting ${shown.length} films`, async () => {
    await db.collection('films').insertMany(shown);
    await db.collection('films').createIndex({ rating: -1 });
  });
}

async function findFilms(guide: Guide): Promise<void> {
  const films = guide.db.collection('films');
  guide.say('The best films that many have voted for, by an index');
  await guide.run("films.find({ votes: { $gt: 300000 } }).sort({ rating: -1 }).limit(4)", () =>
    films.find({ votes: { $gt: 300_000 } }).sort({ rating: -1 }).limit(4).project({ _id: 0, title: 1, rating: 1 }).toArray());
}

async function groupFilms(guide: Guide): Promise<void> {
  const pipeline = [{ $match: { genre: { $ne: null } } }, { $group: { _id: '$genre', films: { $sum: 1 }, rating: { $avg: '$rating' } } }, { $sort: { films: -1 } }, { $limit: 3 }, { $set: { rating: { $round: ['$rating', 2] } } }];
  guide.say('Genres, by an aggregation pipeline');
  await guide.run(`films.aggregate(${JSON.stringify(pipeline)})`, () => guide.db.collection('films').aggregate(pipeline).toArray());
}

async function lendFilm(guide: Guide, client: MongoClient): Promise<void> {
  const { db } = guide;
  guide.say('A film is lent: two collections, one transaction');
  await guide.run("withTransaction: films.findOneAndUpdate({ title: 'Spirited Away' }, { $set: { lentTo: 'Chihiro' } }), loans.insertOne({ … })", async () =>
    await client.withSession(async (session) =>
      await session.withTransaction(async () => {
        const film = await db.collection('films').findOneAndUpdate({ title: 'Spirited Away' }, { $set: { lentTo: 'Chihiro' } }, { session, returnDocument: 'after', projection: { _id: 0, title: 1, lentTo: 1 } });
        await db.collection('loans').insertOne({ title: 'Spirited Away', to: 'Chihiro' }, { session });
        return film === null ? [] : [film];
      })));
}

async function readBySql(guide: Guide, url: string): Promise<void> {
  const { screen } = guide.visit;
  guide.say('The same documents, by SQL: a collection is a table');
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const statement = `select doc->>'title' as title, doc->>'lentTo' as lent_to from ${database}.films where doc ? 'lentTo'`;
    screen.statement(statement);
    const startedAt = performance.now();
    screen.answer([...(await sql.unsafe<Row[]>(statement))], duration(startedAt));
  } finally {
    await sql.end();
  }
}

function rowOf(document: Document): Row {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)]));
}
