// Clients that wait (BLPOP and its like): what transcripts cannot tell, because it takes SQL, a second FacetDB process on the
// same store, a clock, or a connection that ends.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { start } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { newDataFolder } from '../support/new-data-folder.ts';
import { freePortsOverEngine, freePorts } from '../support/ports.ts';
import { keyMaker } from './support/shared-redis.ts';
import { RespClient, addressOf, closed } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';

const server = await start({ data: newDataFolder(), ...freePorts });
// Another gateway on the first one's store.
const second = await start({ engine: server.urls['postgres']!, ...freePortsOverEngine });
const sql = new pg.Pool({ connectionString: server.urls['postgres'] });
after(async () => {
  await sql.end();
  await second.stop();
  await server.stop();
});

const key = keyMaker('blocking');

async function connect(to = server): Promise<RespClient> {
  const client = await RespClient.connect(addressOf(to.urls['redis']!));
  after(() => client.close());
  // Users and their passwords are the store's, whichever process is asked.
  const { username, password } = new URL(server.urls['postgres']!);
  assert.equal(shown(await client.call('AUTH', username, decodeURIComponent(password))), '+OK');
  return client;
}

function shown(reply: RespReply | typeof closed): string {
  return reply === closed ? '(closed)' : shownReply(reply);
}

/** Until so many clients of a gateway wait. */
async function waiting(count: number, to = server): Promise<void> {
  const client = await connect(to);
  await eventually(`${count} clients wait`, async () => shown(await client.call('INFO', 'clients')).includes(`blocked_clients:${count}\\r\\n`));
  client.close();
}

/** Until the store knows that somebody waits for a key. */
async function registered(name: string): Promise<void> {
  await eventually(`${name} is registered`, async () => {
    const { rows } = await sql.query('select from keyspace0.blocked_keys where id = $1', [Buffer.from(name)]);
    return rows.length > 0;
  });
}

async function startWaiting(client: RespClient, ...words: string[]): Promise<void> {
  client.send(words);
  await waiting(1);
}

test('an item that SQL inserts wakes who waits for it', async () => {
  const client = await connect();
  await startWaiting(client, 'BLPOP', key('sql'), '0');
  await registered(key('sql'));
  await sql.query(
    `with made as (select 900000000000001::bigint as ref),
       item as (insert into keyspace0.list_items (ref, position, value) select ref, 0, 'from SQL' from made)
     insert into keyspace0.keys (id, kind, ref, size, edge) select $1, 2, ref, 1, 0 from made`,
    [Buffer.from(key('sql'))],
  );
  assert.equal(shown(await client.receive()), `*["${key('sql')}", "from SQL"]`);
  assert.equal(shown(await client.call('EXISTS', key('sql'))), ':0');
});

test('a transaction that filled the key before anybody waited, and commits later, wakes too', async () => {
  const transaction = await sql.connect();
  try {
    await transaction.query('begin');
    await transaction.query(
      `with item as (insert into keyspace0.list_items (ref, position, value) values (900000000000002, 0, 'late'))
       insert into keyspace0.keys (id, kind, ref, size, edge) values ($1, 2, 900000000000002, 1, 0)`,
      [Buffer.from(key('late'))],
    );
    const client = await connect();
    await startWaiting(client, 'BLPOP', key('late'), '0');
    await registered(key('late'));
    await sleep(50);
    await transaction.query('commit');
    assert.equal(shown(await client.receive()), `*["${key('late')}", "late"]`);
  } finally {
    transaction.release();
  }
});

test('a push through another process wakes, and a chain of moves goes through both', async () => {
  const [first, mover, pusher] = [await connect(), await connect(second), await connect(second)];
  await startWaiting(first, 'BLPOP', key('end'), '0');
  mover.send(['BLMOVE', key('start'), key('end'), 'LEFT', 'RIGHT', '0']);
  await waiting(1, second);
  await registered(key('end'));
  assert.equal(shown(await pusher.call('RPUSH', key('start'), 'item')), ':1');
  assert.equal(shown(await mover.receive()), '"item"');
  assert.equal(shown(await first.receive()), `*["${key('end')}", "item"]`);
  assert.equal(shown(await pusher.call('EXISTS', key('start'), key('end'))), ':0');
});

test('RENAME in another process wakes', async () => {
  const [client, other] = [await connect(), await connect(second)];
  await startWaiting(client, 'BLPOP', key('new'), '0');
  await registered(key('new'));
  await other.call('RPUSH', key('old'), 'x');
  await other.call('RENAME', key('old'), key('new'));
  assert.equal(shown(await client.receive()), `*["${key('new')}", "x"]`);
});

test('two processes share a queue: each item is given out once', async () => {
  const items = 200;
  const clients = await Promise.all([server, second, server, second].map((gateway) => connect(gateway)));
  const pusher = await connect(second);
  const taken: string[] = [];
  const work = clients.map(async (client) => {
    for (;;) {
      const item = shown(await client.call('BLPOP', key('queue'), '1'));
      if (!item.startsWith('*[')) return;
      taken.push(item);
    }
  });
  for (let item = 0; item < items; item += 2) await pusher.call('RPUSH', key('queue'), `i${item}`, `i${item + 1}`);
  await Promise.all(work);
  assert.equal(taken.length, items);
  assert.equal(new Set(taken).size, items);
});

test('a hundred clients are served in the order in which they came', async () => {
  const clients = await Promise.all(Array.from({ length: 100 }, () => connect()));
  for (const [index, client] of clients.entries()) {
    client.send(['BLPOP', key('line'), '0']);
    if (index % 10 === 9) await waiting(index + 1);
    else await sleep(2);
  }
  const pusher = await connect();
  await pusher.call('RPUSH', key('line'), ...clients.map((_, index) => String(index)));
  const replies = await Promise.all(clients.map(async (client) => shown(await client.receive())));
  const numbers = replies.map((reply) => Number(/"(\d+)"\]$/.exec(reply)?.[1]));
  assert.deepEqual(numbers, clients.map((_, index) => index));
});

test('a timeout is kept, with its fraction', async () => {
  const client = await connect();
  const begin = performance.now();
  assert.equal(shown(await client.call('BLPOP', key('nothing'), '0.25')), shown(await client.call('BLPOP', key('nothing'), '0.001')));
  const passedMs = performance.now() - begin;
  assert.ok(passedMs >= 250 && passedMs < 2_000, `${passedMs} ms`);
});

test('a timeout beyond what a timer takes does not end at once', async () => {
  const client = await connect();
  await startWaiting(client, 'BLPOP', key('very-long'), '10000000000');
  await sleep(50);
  const pusher = await connect();
  await pusher.call('RPUSH', key('very-long'), 'x');
  assert.equal(shown(await client.receive()), `*["${key('very-long')}", "x"]`);
});

test('who hangs up while waiting takes nothing', async () => {
  const client = await connect();
  await startWaiting(client, 'BLPOP', key('gone'), '0');
  client.close();
  await waiting(0);
  const pusher = await connect();
  assert.equal(shown(await pusher.call('RPUSH', key('gone'), 'x')), ':1');
  assert.equal(shown(await pusher.call('LLEN', key('gone'))), ':1');
  await eventually('the store forgets who waited', async () => {
    const { rows } = await sql.query('select from keyspace0.blocked_keys where id = $1', [Buffer.from(key('gone'))]);
    return rows.length === 0;
  });
});

test('CLIENT UNBLOCK ends a wait as if by timeout or with an error', async () => {
  const [client, other] = [await connect(), await connect()];
  const id = shown(await client.call('CLIENT', 'ID')).slice(1);
  await startWaiting(client, 'BLPOP', key('unblock'), '0');
  assert.equal(shown(await other.call('CLIENT', 'UNBLOCK', id)), ':1');
  const timedOut = shown(await client.receive());
  assert.equal(timedOut, shown(await client.call('BLPOP', key('unblock'), '0.01')));
  await startWaiting(client, 'BLPOP', key('unblock'), '0');
  assert.equal(shown(await other.call('CLIENT', 'UNBLOCK', id, 'ERROR')), ':1');
  assert.match(shown(await client.receive()), /UNBLOCKED client unblocked via CLIENT UNBLOCK/);
  assert.equal(shown(await other.call('CLIENT', 'UNBLOCK', id)), ':0');
});

test('SWAPDB brings an item to who waits', async () => {
  const [client, other] = [await connect(), await connect()];
  await other.call('SELECT', '9');
  await other.call('RPUSH', key('swapped'), 'x');
  await client.call('SELECT', '8');
  await startWaiting(client, 'BLPOP', key('swapped'), '0');
  assert.equal(shown(await other.call('SWAPDB', '8', '9')), '+OK');
  assert.equal(shown(await client.receive()), `*["${key('swapped')}", "x"]`);
});

test('items that come while timeouts pass are neither lost nor given twice', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => connect()));
  const pusher = await connect();
  const taken: string[] = [];
  let isOver = false;
  const work = clients.map(async (client) => {
    while (!isOver) {
      const item = shown(await client.call('BLPOP', key('race'), '0.003'));
      if (item.startsWith('*[')) taken.push(item);
    }
  });
  for (let item = 0; item < 150; item++) {
    await pusher.call('RPUSH', key('race'), `i${item}`);
    await sleep(item % 5);
  }
  await sleep(100);
  isOver = true;
  await Promise.all(work);
  const left = Number(shown(await pusher.call('LLEN', key('race'))).slice(1));
  assert.equal(new Set(taken).size, taken.length);
  assert.equal(taken.length + left, 150);
});
