// What serverStatus counts is what was done. The server is shared with other tests: counts are at least what this one did.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Document } from 'mongodb';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

const status = (asked: Document = {}): Promise<Document> => own.client.db('admin').command({ serverStatus: 1, ...asked });

type Numbers = { [name: string]: number | Numbers };

/** Where `later` is less than `earlier` and `expected` together. */
function missing(expected: Numbers, earlier: Document, later: Document, path = ''): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const at = `${path}${name}`;
    if (typeof value === 'object') return missing(value, earlier[name] ?? {}, later[name] ?? {}, `${at}.`);
    return Number(later[name]) - Number(earlier[name] ?? 0) >= value ? [] : [`${at}: ${earlier[name]} → ${later[name]}`];
  });
}

test('operations, documents, messages, cursors and transactions are counted', async () => {
  const things = own.db.collection<Document & { _id: number }>('things');
  const before = await status();
  await things.insertMany([1, 2, 3].map((_id) => ({ _id })));
  await things.updateMany({}, { $set: { a: 1 } });
  await things.updateOne({ _id: 9 }, { $set: { a: 1 } }, { upsert: true });
  await things.findOneAndUpdate({ _id: 1 }, { $set: { a: 2 } });
  await things.deleteOne({ _id: 2 });
  await things.find().batchSize(2).toArray();
  await assert.rejects(own.db.command({ find: 'things', filter: { $nonsense: 1 } }));
  const session = own.client.startSession();
  await session.withTransaction(() => things.insertOne({ _id: 4 }, { session }));
  session.startTransaction();
  await things.insertOne({ _id: 5 }, { session });
  await session.abortTransaction();
  await session.endSession();
  assert.deepEqual(missing({
    opcounters: { insert: 5, query: 2, update: 2, delete: 1, getmore: 1, command: 3 },
    network: { bytesIn: 1_000, bytesOut: 1_000, physicalBytesIn: 1_000, physicalBytesOut: 1_000, numRequests: 10 },
    asserts: { user: 1 },
    transactions: { totalStarted: 2, totalCommitted: 1, totalAborted: 1 },
    opLatencies: { reads: { ops: 3, latency: 1 }, writes: { ops: 5, latency: 1 }, commands: { ops: 2 } },
    metrics: { commands: { find: { total: 2, failed: 1 }, commitTransaction: { total: 1 } }, cursor: { totalOpened: 1 }, document: { inserted: 6, updated: 4, deleted: 1, returned: 3 } },
  }, before, await status()), []);
});

test('sections are left out, and asked for alone', async () => {
  const whole = await status();
  assert.ok(['connections', 'mem', 'repl', 'metrics'].every((name) => name in whole));
  const some = await status({ metrics: 0, repl: false });
  assert.deepEqual(['metrics', 'repl', 'mem'].filter((name) => name in some), ['mem']);
  assert.deepEqual(Object.keys(await status({ none: 1, opcounters: 1 })).filter((name) => ['opcounters', 'mem', 'network', 'metrics'].includes(name)), ['opcounters']);
});
