// OBJECT IDLETIME: what counts as an access of a key, and what does not.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RespClient, addressOf, closed } from './support/resp-client.ts';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const url = await sharedRedisUrl();
const client = await RespClient.connect(addressOf(url));
after(() => client.close());
const { username, password } = new URL(url);
if (password !== '') await client.call('AUTH', username, password);
const key = keyMaker('idle');

/** A key that was idle for a thousand seconds. */
async function idleKey(name: string): Promise<string> {
  const idle = key(name);
  await client.call('SET', idle, '1');
  const dump = await client.call('DUMP', idle);
  assert.ok(dump !== closed && 'bytes' in dump && dump.bytes !== null);
  await client.call('RESTORE', idle, '0', dump.bytes, 'IDLETIME', '1000', 'REPLACE');
  return idle;
}

async function idleSeconds(name: string): Promise<number> {
  const reply = await client.call('OBJECT', 'IDLETIME', name);
  assert.ok(reply !== closed && 'text' in reply, 'a number');
  return Number(reply.text);
}

const accesses: Readonly<Record<string, (name: string) => string[]>> = {
  GET: (name) => ['GET', name],
  SET: (name) => ['SET', name, '2'],
  TOUCH: (name) => ['TOUCH', name],
  STRLEN: (name) => ['STRLEN', name],
  EXPIRE: (name) => ['EXPIRE', name, '1000'],
  'RENAME to it': (name) => ['RENAME', name, name],
};

test('a key is idle until a command reads or changes it', async (t) => {
  for (const [title, command] of Object.entries(accesses)) {
    await t.test(title, async () => {
      const name = await idleKey(title);
      assert.ok((await idleSeconds(name)) >= 1_000);
      await client.call(...command(name));
      assert.ok((await idleSeconds(name)) < 100);
    });
  }
});

test('asking about a key is no access', async () => {
  const name = await idleKey('asked');
  for (const command of ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'TYPE', 'EXISTS']) await client.call(command, name);
  for (const subcommand of ['ENCODING', 'REFCOUNT', 'IDLETIME']) await client.call('OBJECT', subcommand, name);
  await client.call('MEMORY', 'USAGE', name);
  assert.ok((await idleSeconds(name)) >= 1_000);
});

test('an access within a transaction counts', async () => {
  const name = await idleKey('transaction');
  for (const command of [['MULTI'], ['GET', name], ['EXEC']]) await client.call(...command);
  assert.ok((await idleSeconds(name)) < 100);
});
