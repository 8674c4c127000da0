// Web sessions kept by connect-redis, behind express-session, as a web server has them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const prefix = keyMaker('sessions')('');
const client = await createClient({ url: await sharedRedisUrl() }).connect();
const store = new RedisStore({ client, prefix, ttl: 100 });
const server = await startWebServer();
after(async () => {
  server.close();
  await client.close();
});

test('a session lives across requests, and ends', async () => {
  const first = await visit('/');
  const [cookie] = first.headers.getSetCookie();
  assert.ok(cookie);
  assert.equal(await first.text(), '1');
  assert.equal(await (await visit('/', cookie)).text(), '2');
  const [id] = await store.ids();
  assert.ok((await client.ttl(`${prefix}${id}`)) > 90);

  assert.equal(await (await visit('/')).text(), '1');
  assert.equal(await store.length(), 2);
  assert.deepEqual((await store.all()).map(({ views }: Visited) => views).toSorted(), [1, 2]);

  await visit('/leave', cookie);
  assert.equal(await (await visit('/', cookie)).text(), '1');
  await store.clear();
  assert.equal(await store.length(), 0);
});

type Visited = { views?: number };

function visit(path: string, cookie?: string): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}${path}`, cookie === undefined ? {} : { headers: { cookie: cookie.split(';')[0]! } });
}

async function startWebServer(): Promise<Server> {
  const middleware = session({ store, secret: 'of the test', resave: false, saveUninitialized: false });
  const web = createServer((request, response) => {
    // It was written for Express, and needs no more than Node.js's own request and response.
    middleware(request as Parameters<typeof middleware>[0], response as Parameters<typeof middleware>[1], () => answer(request, response));
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  return web;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const current = (request as IncomingMessage & { session: session.Session & Visited }).session;
  if (request.url === '/leave') {
    current.destroy(() => response.end());
    return;
  }
  current.views = (current.views ?? 0) + 1;
  response.end(`${current.views}`);
}
