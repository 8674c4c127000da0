// The work of bench/documents/works.ts on SurrealDB, embedded and on disk, every commit synced to it as FacetDB's are. Reads
// the name of a work a line, writes the seconds that it took; first a line with what it is.

import { createNodeEngines } from '@surrealdb/node';
import { createInterface } from 'node:readline';
import { RecordId, Surreal } from 'surrealdb';

const [path, total] = process.argv.slice(2);
const count = Number(total);
const padding = 'x'.repeat(360);
const atOnce = 50;
const singles = 4_000;
let nextId = 0;

const thing = (index, table = 'things') => ({ id: new RecordId(table, nextId++), n: index, group: `group ${index % 100}`, flag: index % 2 === 0, score: index / 7, text: padding });
const spread = (index) => (index * 7_919) % count;

process.env.SURREAL_SYNC_DATA ??= 'true';
const database = new Surreal({ engines: createNodeEngines() });
await database.connect(`surrealkv://${path}`);
await database.use({ namespace: 'bench', database: 'bench' });
await database.query('define table things; define index n on things fields n; define table added; define index n on added fields n');
for (let at = 0; at < count; at += 1_000) await insertBatch(at);

async function insertBatch(first, table = 'things') {
  await database.query(`insert into ${table} $documents return none`, { documents: Array.from({ length: 1_000 }, (_, index) => thing(first + index, table)) });
}

async function crowd(operations, operation, clients = atOnce) {
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (next < operations) await operation(next++);
  }));
}

const works = {
  'forget added': () => database.query('delete added return none'),
  'insertMany, 1,000 a batch': async () => { for (let batch = 0; batch < 10; batch++) await insertBatch(-1_000, 'added'); },
  'insertOne, 50 at once': () => crowd(singles, (index) => database.query('insert into added $document return none', { document: thing(-1 - index, 'added') })),
  'findOne by _id, 50 at once': () => crowd(singles, (index) => database.query('select * from $id', { id: new RecordId('things', spread(index)) })),
  'find by a field, limit 20': () => crowd(1_000, (index) => database.query('select * from things where n >= $n limit 20', { n: spread(index) })),
  'find all': () => database.query('select * from things'),
  // Updates at the same time fail with "Transaction retry required", whichever documents they are of: one after the other is what works.
  'updateOne by _id, 50 at once': () => crowd(singles, (index) => database.query('update $id set score += 1 return none', { id: new RecordId('things', spread(index)) }), 1),
  'group by a field': () => database.query('select group, count() as count, math::mean(score) as score from things group by group'),
};

console.log(`SurrealDB ${(await database.version()).version ?? ''}`.trim());
for await (const name of createInterface({ input: process.stdin })) {
  const startedAt = performance.now();
  await works[name]();
  console.log((performance.now() - startedAt) / 1_000);
}
await database.close();
