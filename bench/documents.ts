// Documents of about 500 bytes: the `mongodb` driver through FacetDB, and the same statements sent to the same PostgreSQL by
// FacetDB's own pipelining client, interleaved in one run. The driver's own cost is in FacetDB's figures.
//
//   npm run bench -- documents [--rounds 3] [--documents 20000] [--only insertMany]

import { MongoClient, ObjectId, type Collection, type Document } from 'mongodb';
import { parseArgs } from 'node:util';
import { type Connection, type Statement, statement } from '../src/engine/client.ts';
import { Engine } from '../src/engine/engine.ts';
import { silentLog } from '../src/kernel/log.ts';
import { encodeDocument } from '../src/values/bson/encode.ts';
import { toStoredJson } from '../src/values/bson/extended-json.ts';
import { orderKeyOf } from '../src/values/bson/order-key.ts';
import { ObjectId as BsonObjectId, int32, type Value } from '../src/values/bson/types.ts';
import { startServer } from '../test/support/server.ts';
import { machineLine, median } from './report.ts';

const atOnce = 50;
const padding = 'x'.repeat(360);

type Sides = { readonly things: Collection<Document>; readonly plain: Plain; readonly count: number; readonly ids: readonly ObjectId[] };

/** One kind of work: how many operations a round has, and what each side does. Gives the seconds that it took. */
type Work = { readonly name: string; readonly operations: (sides: Sides) => number; readonly facet: (sides: Sides) => Promise<unknown>; readonly plain: (sides: Sides) => Promise<unknown> };

export async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '3' }, documents: { type: 'string', default: '20000' }, only: { type: 'string' } } });
  const server = await startServer();
  const engine = await Engine.openExternal({ url: server.urls.postgres, log: silentLog });
  const client = await MongoClient.connect(server.urls.mongodb, { maxPoolSize: atOnce });
  try {
    console.log(machineLine(engine.serverVersion));
    console.log(`${options.documents} documents, ${options.rounds} rounds, medians; operations a second through FacetDB and straight; time of FacetDB / time straight\n`);
    const sides = await prepare(client, engine, Number(options.documents));
    for (const work of works) {
      if (options.only !== undefined && options.only !== work.name) continue;
      const seconds: Record<'facet' | 'plain', number[]> = { facet: [], plain: [] };
      for (let round = 0; round < Number(options.rounds); round++) {
        seconds.facet.push(await secondsOf(() => work.facet(sides)));
        seconds.plain.push(await secondsOf(() => work.plain(sides)));
      }
      const rate = (side: 'facet' | 'plain'): string => `${Math.round(work.operations(sides) / median(seconds[side]))}`.padStart(9);
      const ratio = median(seconds.facet.map((time, round) => time / seconds.plain[round]!));
      console.log(`${work.name.padEnd(28)}${rate('facet')}${rate('plain')}   ${ratio.toFixed(2)}`);
    }
    await sides.plain.close();
  } finally {
    await client.close();
    await engine.close();
    await server.stop();
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function thing(index: number): Document {
  return { _id: new ObjectId(), n: index, group: `group ${index % 100}`, flag: index % 2 === 0, score: index / 7, text: padding };
}

function row(index: number): readonly [Buffer, string, Buffer] {
  const id = new BsonObjectId(new ObjectId().id);
  const document = new Map<string, Value>([['_id', id], ['n', int32(index)], ['group', `group ${index % 100}`], ['flag', index % 2 === 0], ['score', index / 7], ['text', padding]]);
  const bytes = Buffer.from(encodeDocument(document));
  return [Buffer.from(orderKeyOf(id)), toStoredJson(bytes), bytes];
}

async function prepare(client: MongoClient, engine: Engine, count: number): Promise<Sides> {
  const things = client.db('bench').collection('things');
  const documents = Array.from({ length: count }, (_, index) => thing(index));
  for (let at = 0; at < count; at += 1_000) await things.insertMany(documents.slice(at, at + 1_000));
  await things.createIndex({ n: 1 });
  await engine.systemPool.query('analyze bench.things');
  const plain = await Plain.open(engine);
  return { things, plain, count, ids: documents.map(({ _id }) => _id as ObjectId) };
}

/** Statements to PostgreSQL, pipelined over a few connections. */
class Plain {
  readonly #connections: readonly Connection[];
  #next = 0;

  private constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  static async open(engine: Engine): Promise<Plain> {
    const connections = await Promise.all(Array.from({ length: 4 }, () => engine.connect(engine.ownRole)));
    return new Plain(connections);
  }

  /** Gives how many bytes came. */
  async run(sql: Statement, values: readonly unknown[]): Promise<number> {
    const connection = this.#connections[(this.#next = (this.#next + 1) % this.#connections.length)]!;
    let bytes = 0;
    await connection.execute([{ statement: sql, values, onRow: (found) => void (bytes += found.length(0)) }]);
    return bytes;
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

const insertText = 'insert into bench.things (id, doc, bson) select u.id, u.doc::jsonb, u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson)';
const insertRows = statement(insertText, ['bytea[]', 'text[]', 'bytea[]']);
const insertRow = statement('insert into bench.things (id, doc, bson) values ($1, $2::text::jsonb, $3)', ['bytea', 'text', 'bytea']);
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

const singles = 4_000;
const keyOf = (id: ObjectId): Buffer => Buffer.from(orderKeyOf(new BsonObjectId(id.id)));

function insertBatch(plain: Plain, count: number): Promise<unknown> {
  const rows = Array.from({ length: count }, (_, index) => row(index));
  return plain.run(insertRows, [rows.map(([id]) => id), rows.map(([, json]) => json), rows.map(([, , bytes]) => bytes)]);
}

const works: readonly Work[] = [
  {
    name: 'insertMany, 1,000 a batch', operations: () => 10_000,
    facet: async ({ things }) => { for (let batch = 0; batch < 10; batch++) await things.insertMany(Array.from({ length: 1_000 }, (_, index) => thing(-1 - index))); },
    plain: async ({ plain }) => { for (let batch = 0; batch < 10; batch++) await insertBatch(plain, 1_000); },
  },
  {
    name: 'insertOne, 50 at once', operations: () => singles,
    facet: ({ things }) => crowd(singles, (index) => things.insertOne(thing(-1 - index))),
    plain: ({ plain }) => crowd(singles, (index) => plain.run(insertRow, row(index))),
  },
  {
    name: 'findOne by _id, 50 at once', operations: () => singles,
    facet: ({ things, ids }) => crowd(singles, (index) => things.findOne({ _id: ids[(index * 7_919) % ids.length]! })),
    plain: ({ plain, ids }) => crowd(singles, (index) => plain.run(selectById, [keyOf(ids[(index * 7_919) % ids.length]!)])),
  },
  {
    name: 'find by a field, limit 20', operations: () => 1_000,
    facet: ({ things, count }) => crowd(1_000, (index) => things.find({ n: { $gte: (index * 7_919) % count } }).limit(20).toArray()),
    plain: ({ plain, count }) => crowd(1_000, (index) => plain.run(selectByField, [`[10,${(index * 7_919) % count}]`])),
  },
  {
    name: 'find all', operations: ({ count }) => count,
    facet: async ({ things }) => { for await (const document of things.find({}, { raw: true })) void document; },
    plain: ({ plain }) => plain.run(selectAll, []),
  },
  {
    name: 'updateOne by _id, 50 at once', operations: () => singles,
    facet: ({ things, ids }) => crowd(singles, (index) => things.updateOne({ _id: ids[(index * 7_919) % ids.length]! }, { $inc: { score: 1 } })),
    plain: ({ plain, ids }) => crowd(singles, (index) => plain.run(updateById, [keyOf(ids[(index * 7_919) % ids.length]!), row(index)[2]])),
  },
  {
    name: 'group by a field', operations: ({ count }) => count,
    facet: ({ things }) => things.aggregate([{ $group: { _id: '$group', count: { $sum: 1 }, score: { $avg: '$score' } } }]).toArray(),
    plain: ({ plain }) => plain.run(groupAll, []),
  },
  { name: 'countDocuments({})', operations: () => 1, facet: ({ things }) => things.countDocuments({}), plain: ({ plain }) => plain.run(countAll, []) },
];
