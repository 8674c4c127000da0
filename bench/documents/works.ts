// The kinds of work of the benchmark of documents, through the driver and as statements, with what is to be reached.

import { type Collection, type Document, type MongoClient, ObjectId } from 'mongodb';
import { statement } from '../../src/engine/client.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { toStoredJson } from '../../src/values/bson/extended-json.ts';
import { orderKeyOf } from '../../src/values/bson/order-key.ts';
import { ObjectId as BsonObjectId, int32, type Value } from '../../src/values/bson/types.ts';
import type { Plain } from './plain.ts';

/** Operations that are under way at the same time. */
export const atOnce = 50;
const singles = 4_000;
const padding = 'x'.repeat(360);

export type Sides = {
  readonly things: Collection<Document>;
  /** What insertions insert into: of the same kind, and empty when a turn begins. */
  readonly added: Collection<Document>;
  readonly forgetAdded: () => Promise<unknown>;
  readonly plain: Plain;
  readonly count: number;
  readonly ids: readonly ObjectId[];
};

export type Work = {
  readonly name: string;
  /** Of a portion, in the rates. */
  readonly operations: (sides: Pick<Sides, 'count'>) => number;
  readonly facet: (sides: Sides) => Promise<unknown>;
  readonly plain: (sides: Sides) => Promise<unknown>;
  /** Times the plain statements' time, at most; of what is left when the driver's own time is taken off, where it says so. */
  readonly overPlain: { readonly most: number; readonly isLessDriver?: boolean };
  /** Times SurrealDB's rate, at least; undefined where there is nothing to reach. */
  readonly overSurrealdb?: number;
};

export function collectionOf(client: MongoClient, name: 'things' | 'added'): Collection<Document> {
  return client.db('bench').collection(name);
}

export function thing(index: number): Document {
  return { _id: new ObjectId(), n: index, group: `group ${index % 100}`, flag: index % 2 === 0, score: index / 7, text: padding };
}

/** `thing` as a row. */
export function row(index: number): readonly [Buffer, string, Buffer] {
  const id = new BsonObjectId(new ObjectId().id);
  const document = new Map<string, Value>([['_id', id], ['n', int32(index)], ['group', `group ${index % 100}`], ['flag', index % 2 === 0], ['score', index / 7], ['text', padding]]);
  const bytes = Buffer.from(encodeDocument(document));
  return [Buffer.from(orderKeyOf(id)), toStoredJson(bytes), bytes];
}

export async function fill(client: MongoClient, engine: Engine, count: number): Promise<ObjectId[]> {
  const things = collectionOf(client, 'things');
  const ids: ObjectId[] = [];
  for (let at = 0; at < count; at += 1_000) {
    const documents = Array.from({ length: Math.min(1_000, count - at) }, (_, index) => thing(at + index));
    await things.insertMany(documents);
    for (const { _id: id } of documents) ids.push(id as ObjectId);
  }
  await things.createIndex({ n: 1 });
  await collectionOf(client, 'added').createIndex({ n: 1 });
  // Now, so that it does not happen in the middle of a measurement, with one plan before it and another after it.
  await engine.systemPool.query('vacuum analyze bench.things');
  return ids;
}

const insertText = 'insert into bench.added (id, doc, bson) select u.id, u.doc::jsonb, u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson)';
const insertRows = statement(insertText, ['bytea[]', 'text[]', 'bytea[]']);
const insertRow = statement('insert into bench.added (id, doc, bson) values ($1, $2::text::jsonb, $3)', ['bytea', 'text', 'bytea']);
const selectById = statement('select bson from bench.things where id = $1', ['bytea']);
const key = "facetdb.order_key(doc, '{\"n\"}'::text[], false)";
const selectByField = statement(`select bson from bench.things where ${key} >= $1::jsonb limit 20`, ['text']);
const selectAll = statement('select bson from bench.things');
const countAll = statement('select count(*) from bench.things');
const groupAll = statement("select doc -> 'group', count(*), avg((doc -> 'score')::numeric) from bench.things group by 1");
const updateById = statement(`update bench.things set doc = jsonb_set(doc, '{score}', to_jsonb((doc -> 'score')::numeric + 1)), bson = $2 where id = $1`, ['bytea', 'bytea']);

/** Runs `operation` for so many numbers, `atOnce` at a time. */
async function crowd(total: number, operation: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < total) await operation(next++);
    }),
  );
}

const keyOf = (id: ObjectId): Buffer => Buffer.from(orderKeyOf(new BsonObjectId(id.id)));
const spread = (index: number, count: number): number => (index * 7_919) % count;

function insertBatch(plain: Plain, count: number): Promise<unknown> {
  const rows = Array.from({ length: count }, (_, index) => row(index));
  return plain.run(insertRows, [rows.map(([id]) => id), rows.map(([, json]) => json), rows.map(([, , bytes]) => bytes)]);
}

export const works: readonly Work[] = [
  {
    name: 'insertMany, 1,000 a batch', operations: () => 10_000, overPlain: { most: 1.5 }, overSurrealdb: 1.3,
    facet: async ({ added }) => { for (let batch = 0; batch < 10; batch++) await added.insertMany(Array.from({ length: 1_000 }, (_, index) => thing(-1 - index))); },
    plain: async ({ plain }) => { for (let batch = 0; batch < 10; batch++) await insertBatch(plain, 1_000); },
  },
  {
    name: 'insertOne, 50 at once', operations: () => singles, overPlain: { most: 1.5 }, overSurrealdb: 2,
    facet: ({ added }) => crowd(singles, (index) => added.insertOne(thing(-1 - index))),
    plain: ({ plain }) => crowd(singles, (index) => plain.run(insertRow, row(index))),
  },
  {
    name: 'findOne by _id, 50 at once', operations: () => singles, overPlain: { most: 1.5, isLessDriver: true }, overSurrealdb: 2,
    facet: ({ things, ids }) => crowd(singles, (index) => things.findOne({ _id: ids[spread(index, ids.length)]! })),
    plain: ({ plain, ids }) => crowd(singles, (index) => plain.run(selectById, [keyOf(ids[spread(index, ids.length)]!)])),
  },
  {
    name: 'find by a field, limit 20', operations: () => 1_000, overPlain: { most: 1.3 }, overSurrealdb: 10,
    facet: ({ things, count }) => crowd(1_000, (index) => things.find({ n: { $gte: spread(index, count) } }).limit(20).toArray()),
    plain: ({ plain, count }) => crowd(1_000, (index) => plain.run(selectByField, [`[10,${spread(index, count)}]`])),
  },
  {
    // The driver alone, answered from memory, takes more than twice what PostgreSQL's client takes for everything: less it, this tells of FacetDB.
    name: 'find all', operations: ({ count }) => count, overPlain: { most: 1.3 }, overSurrealdb: 3,
    facet: async ({ things }) => { for await (const document of things.find({}, { raw: true })) void document; },
    plain: ({ plain }) => plain.run(selectAll, []),
  },
  {
    name: 'updateOne by _id, 50 at once', operations: () => singles, overPlain: { most: 1.5 }, overSurrealdb: 2,
    facet: ({ things, ids }) => crowd(singles, (index) => things.updateOne({ _id: ids[spread(index, ids.length)]! }, { $inc: { score: 1 } })),
    plain: ({ plain, ids }) => crowd(singles, (index) => plain.run(updateById, [keyOf(ids[spread(index, ids.length)]!), row(index)[2]])),
  },
  {
    name: 'group by a field', operations: ({ count }) => count, overPlain: { most: 1.2 }, overSurrealdb: 5,
    facet: ({ things }) => things.aggregate([{ $group: { _id: '$group', count: { $sum: 1 }, score: { $avg: '$score' } } }]).toArray(),
    plain: ({ plain }) => plain.run(groupAll, []),
  },
  {
    name: 'countDocuments({})', operations: () => 1, overPlain: { most: 1.1 },
    facet: ({ things }) => things.countDocuments({}), plain: ({ plain }) => plain.run(countAll, []),
  },
];
