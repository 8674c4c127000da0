// Transactions as commands make them, statement by statement. What is refused before it is a statement of the transaction leaves
// that as it is; a statement that fails ends it. Source: MongoDB 7.0, jstests/core/txns.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sharedServer } from '../support/shared-server.ts';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';
import { RawClient, type RawReply } from './support/raw-client.ts';

type Command = Readonly<Record<string, unknown>>;

let own: OwnDatabase;
let client: RawClient;
const lsid = { id: { $uuid: randomUUID() } };
let txnNumber = 0;

before(async () => {
  own = await ownDatabase();
  client = await RawClient.connect((await sharedServer()).mongodb);
  await own.db.createCollection('things');
});
after(async () => {
  client.close();
  await own.close();
});

/** Of the transaction with the last number. */
async function statement(command: Command, more: Command = {}): Promise<RawReply> {
  const database = 'commitTransaction' in command || 'abortTransaction' in command ? 'admin' : own.db.databaseName;
  return await client.command(database, { ...command, lsid, txnNumber: { $numberLong: String(txnNumber) }, autocommit: false, ...more });
}

async function begin(): Promise<void> {
  txnNumber += 1;
  assert.equal((await statement({ insert: 'things', documents: [{ _id: txnNumber }] }, { startTransaction: true })).ok, 1);
}

type Row = readonly [command: Command, more: Command, code: number, text: string];

async function assertRefused([command, more, code, text]: Row): Promise<void> {
  const reply = await statement(command, more);
  assert.deepEqual({ code: reply.code, text: reply.errmsg }, { code, text });
}

const refused: readonly Row[] = [
  ...['ping', 'listCollections', 'dbStats', 'buildInfo'].map((name): Row => [{ [name]: 1 }, {}, 263, `Cannot run '${name}' in a multi-document transaction.`]),
  [{ drop: 'things' }, {}, 263, "Cannot run 'drop' in a multi-document transaction."],
  [{ count: 'things' }, {}, 263, "Cannot run 'count' in a multi-document transaction. Please see http://dochub.mongodb.org/core/transaction-count for a recommended alternative."],
  [{ find: 'system.views' }, {}, 51_071, 'Cannot query system.views within a transaction'],
  [{ find: 'things', readConcern: { level: 'snapshot' } }, {}, 72, 'Only the first command in a transaction may specify a readConcern'],
  [{ insert: 'things', documents: [{}], writeConcern: { w: 1 } }, {}, 72, 'writeConcern is not allowed within a multi-statement transaction'],
  [{ find: 'things' }, { startTransaction: true }, 117, 'Only servers in a sharded cluster can start a new transaction at the active transaction number'],
  [{ find: 'things' }, { autocommit: true }, 72, 'Specifying autocommit=true is not allowed.'],
  [{ commitTransaction: 1 }, { startTransaction: true }, 263, 'Cannot start a transaction with a commit'],
  [{ abortTransaction: 1 }, { startTransaction: true }, 263, 'Cannot start a transaction with an abort'],
  [{ killCursors: 'things', cursors: [{ $numberLong: '1' }] }, { startTransaction: true }, 263, 'Cannot run killCursors as the first operation in a multi-document transaction.'],
  [{ find: 'things', limit: -1 }, {}, 51_024, "BSON field 'limit' value must be >= 0, actual value '-1'"],
];

for (const row of refused) {
  test(`${JSON.stringify(row.slice(0, 2))} is refused and ends no transaction`, async () => {
    await begin();
    await assertRefused(row);
    assert.equal((await statement({ commitTransaction: 1 })).ok, 1);
    assert.equal(await own.db.collection<{ _id: number }>('things').countDocuments({ _id: txnNumber }), 1);
  });
}

const failing: readonly Row[] = [
  [{ find: 'things', tailable: true }, {}, 72, 'It is illegal to open a tailable cursor in a transaction'],
  [{ find: 'things', readOnce: true }, {}, 263, "The 'readOnce' option is not supported within a transaction."],
  [{ find: 'things', filter: { $nonsense: 1 } }, {}, 2, 'unknown top level operator: $nonsense. If you have a field name that starts with a \'$\' symbol, consider using $getField or $setField.'],
];

for (const row of failing) {
  test(`${JSON.stringify(row[0])} fails and ends its transaction`, async () => {
    await begin();
    await assertRefused(row);
    await assertRefused([{ commitTransaction: 1 }, {}, 251, `Transaction with { txnNumber: ${txnNumber} } has been aborted.`]);
    assert.equal(await own.db.collection<{ _id: number }>('things').countDocuments({ _id: txnNumber }), 0);
  });
}

test('what is refused at the beginning begins nothing', async () => {
  txnNumber += 1;
  await assertRefused([{ ping: 1 }, { startTransaction: true }, 263, "Cannot run 'ping' in a multi-document transaction."]);
  await assertRefused([{ commitTransaction: 1 }, {}, 251, `Given transaction number ${txnNumber} does not match any in-progress transactions. The active transaction number is ${txnNumber - 1}`]);
});
