// What no driver sends: malformed messages and documents, other users' rights, who is not logged in.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { messageReply } from '../../src/protocols/mongodb/message.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { int32, type Document, type Value } from '../../src/values/bson/types.ts';
import { sharedServer } from '../support/shared-server.ts';
import { withClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;
let urls: Awaited<ReturnType<typeof sharedServer>>;

before(async () => {
  urls = await sharedServer();
  own = await ownDatabase();
});
after(() => own.close());

/** Sends bytes, and gives what came back until the server hung up or fell silent. */
async function send(bytes: Buffer): Promise<Buffer> {
  const { hostname, port } = new URL(urls.mongodb);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(bytes);
  socket.setTimeout(300, () => socket.destroy());
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

test('random bytes and broken messages end at most their own connection', async () => {
  const hello = Buffer.concat(messageReply(Buffer.from(encodeDocument(new Map<string, Value>([['hello', int32(1)], ['$db', 'admin']]))), { requestId: 1, responseTo: 0 }));
  assert.ok((await send(hello)).includes('isWritablePrimary'));
  let state = 20_261_124;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  await Promise.all(Array.from({ length: 60 }, async (_, round) => {
    const bytes = Buffer.from(hello);
    for (let changes = 1 + (round % 5); changes > 0; changes--) bytes[random() % bytes.length] = random() >>> 24;
    await send(bytes);
  }));
  assert.equal((await own.db.command({ ping: 1 }))['ok'], 1);
});

test('opcodes that are no longer supported are answered by an error in the form of their time', async () => {
  const numbers = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
  }));
  const message = (opCode: number, body: Buffer): Buffer => Buffer.concat([numbers(16 + body.length, 1, 0, opCode), body]);
  const query = (namespace: string, document: Document): Buffer => message(2_004, Buffer.concat([numbers(0), Buffer.from(`${namespace}\0`), numbers(0, 0), encodeDocument(document)]));
  const replies: readonly (readonly [request: Buffer, flags: number, error: Readonly<Record<string, unknown>>])[] = [
    [query('shop.movies', new Map()), 2, { $err: /^OP_QUERY is no longer supported\. /, code: 5_739_101 }],
    [message(2_005, Buffer.concat([numbers(0), Buffer.from('shop.movies\0'), numbers(0, 7, 0)])), 2, { $err: /^OP_GET_MORE is no longer supported\. /, code: 5_739_101 }],
    [query('shop.$cmd', new Map([['find', 'movies']])), 8, { errmsg: /^Unsupported OP_QUERY command: find\. /, code: 352, codeName: 'UnsupportedOpQueryCommand' }],
  ];
  for (const [request, flags, error] of replies) {
    const reply = await send(request);
    assert.deepEqual([reply.readInt32LE(12), reply.readInt32LE(16)], [1, flags]);
    const document = decodeDocument(reply.subarray(36));
    for (const [name, value] of Object.entries(error)) {
      const found = document.get(name);
      if (value instanceof RegExp) assert.match(typeof found === 'string' ? found : '', value);
      else assert.deepEqual(found, typeof value === 'number' ? int32(value) : value);
    }
  }
  assert.equal((await send(message(2_002, Buffer.alloc(20)))).length, 0, 'an insertion by an opcode has no reply at all');
});

test('a document that is no BSON, or nested too deep, ends its command and not its connection', async () => {
  const command = (value: Value): Buffer => Buffer.from(encodeDocument(new Map<string, Value>([['ping', int32(1)], ['$db', 'admin'], ['comment', value]])));
  const nested = (levels: number): Buffer => {
    let bytes = Buffer.from(encodeDocument(new Map()));
    for (let level = 0; level < levels; level++) {
      const size = Buffer.alloc(4);
      size.writeInt32LE(bytes.length + 8);
      bytes = Buffer.concat([size, Buffer.from('\x03a\0'), bytes, Buffer.from([0])]);
    }
    return bytes;
  };
  const badBoolean = command(true);
  badBoolean[badBoolean.length - 2] = 7;
  const badText = command('x');
  badText[badText.length - 3] = 0xff;
  for (const [document, codeName] of [[badBoolean, 'InvalidBSON'], [badText, 'InvalidBSON'], [nested(201), 'Overflow']] as const) {
    const messages = [document, command(null)].map((body, index) => Buffer.concat(messageReply(body, { requestId: index, responseTo: 0 })));
    const replies = await send(Buffer.concat(messages));
    assert.ok(replies.includes(codeName), codeName);
    assert.ok(replies.readInt32LE(0) < replies.length, `${codeName}: the next command is answered`);
  }
});

test('who is not logged in may say hello and little else', async () => {
  const find = messageReply(Buffer.from(encodeDocument(new Map<string, Value>([['find', 'a'], ['$db', own.db.databaseName]]))), { requestId: 1, responseTo: 0 });
  assert.ok((await send(Buffer.concat(find))).includes('requires authentication'));
  const wrong = new URL(urls.mongodb);
  wrong.password = 'wrong';
  assert.equal(await codeOf(MongoClient.connect(wrong.href, { serverSelectionTimeoutMS: 5_000 })), 18);
});

test('grants decide', async () => {
  const name = `reader_${process.pid}`;
  const things = own.db.collection('things');
  await things.insertOne({ n: 1 });
  await withClient(urls.postgres, async (sql) => {
    await sql.query(`create role ${name} login password 'secret'`);
    try {
      const url = new URL(urls.mongodb);
      [url.username, url.password] = [name, 'secret'];
      const client = await MongoClient.connect(url.href);
      const theirs = client.db(own.db.databaseName).collection('things');
      assert.equal(await codeOf(theirs.findOne()), 13);
      const operations = (allUsers: boolean) => ({ aggregate: 1, pipeline: [{ $currentOp: { allUsers, idleConnections: true } }], cursor: {} });
      const clients = async (answering: MongoClient, allUsers: boolean): Promise<number> => (await answering.db('admin').command(operations(allUsers)))['cursor'].firstBatch.length;
      assert.equal(await codeOf(clients(client, true)), 13);
      assert.ok((await clients(own.client, true)) > (await clients(client, false)), 'a superuser sees the connections of all');
      await sql.query(`grant usage on schema ${own.db.databaseName} to ${name}`);
      await sql.query(`grant select on ${own.db.databaseName}.things to ${name}`);
      assert.equal((await theirs.findOne())?.['n'], 1);
      assert.equal(await codeOf(theirs.insertOne({ n: 2 })), 13);
      assert.equal(await codeOf(client.db('theirs').collection('a').insertOne({})), 13);
      await client.close();
    } finally {
      await sql.query(`drop owned by ${name}`);
      await sql.query(`drop role ${name}`);
    }
  });
});
