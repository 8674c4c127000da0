// README's table of what connects: each URL is the one that a server gives, and drivers of each row connect with it as it stands there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mongoose';
import pg from 'pg';
import postgres from 'postgres';
import { createClient } from 'redis';
import { type ServerUrls } from '../support/server.ts';
import { sharedServer } from '../support/shared-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fillFor } from './support/placeholders.ts';
import { linkFacetDB, linkPackages, root, writePackageJson } from './support/project-folder.ts';

type Connects = (connection: string) => Promise<unknown>;

/** By the row that names it: a driver tells whom it is connected as, or what only the right server answers. */
const drivers: Readonly<Record<keyof Pick<ServerUrls, 'postgres' | 'redis' | 'mongodb' | 'http'> | 'open', Readonly<Record<string, { readonly connects: Connects; readonly told: unknown }>>>> = {
  postgres: {
    pg: {
      async connects(connectionString) {
        const client = new pg.Client({ connectionString });
        await client.connect();
        const { rows } = await client.query<{ name: string }>('select current_user as name');
        await client.end();
        return rows;
      },
      told: [{ name: 'facet' }],
    },
    postgres: {
      async connects(url) {
        const sql = postgres(url, { max: 1 });
        const rows = await sql`select current_user as name`;
        await sql.end();
        return [...rows];
      },
      told: [{ name: 'facet' }],
    },
  },
  redis: {
    ioredis: {
      async connects(url) {
        const redis = new Redis(url);
        const answer = await redis.ping();
        redis.disconnect();
        return answer;
      },
      told: 'PONG',
    },
    redis: {
      async connects(url) {
        const redis = createClient({ url });
        await redis.connect();
        const answer = await redis.ping();
        await redis.close();
        return answer;
      },
      told: 'PONG',
    },
  },
  mongodb: {
    mongodb: {
      async connects(url) {
        await using client = new MongoClient(url);
        const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
        return (authInfo as { authenticatedUsers: { user: string }[] }).authenticatedUsers.map(({ user }) => user);
      },
      told: ['facet'],
    },
    mongoose: {
      async connects(url) {
        const connection = await createConnection(url).asPromise();
        const { ok } = await connection.db!.admin().ping();
        await connection.close();
        return ok;
      },
      told: 1,
    },
  },
  http: {
    fetch: {
      async connects(url) {
        const { username, password } = new URL((await sharedServer()).postgres);
        const authorization = `Basic ${Buffer.from(`${username}:${decodeURIComponent(password)}`).toString('base64')}`;
        const body = JSON.stringify({ statement: 'select current_user as name' });
        const response = await fetch(`${url}/sql`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body });
        return ((await response.json()) as { rows: unknown }).rows;
      },
      told: [{ name: 'facet' }],
    },
  },
  open: {
    facetdb: {
      async connects(call) {
        const folder = join(temporaryFolder(), 'opens');
        mkdirSync(folder);
        linkPackages(folder);
        linkFacetDB(folder);
        writePackageJson(folder);
        writeFileSync(join(folder, 'program.js'), `import { open } from 'facetdb';\nconst db = await ${call};\nconsole.log(JSON.stringify(await db.sql\`select current_user as name\`));\nawait db.close();\n`);
        const { stdout } = await promisify(execFile)(process.execPath, ['program.js'], { cwd: folder });
        return JSON.parse(stdout) as unknown;
      },
      told: [{ name: 'facet' }],
    },
  },
};
type Row = keyof typeof drivers;

/** The cells of the second column, by their schemes; `open` of what is no URL. */
const connections = new Map(
  [...readFileSync(join(root, 'README.md'), 'utf8').split('| what connects | URL |')[1]!.split('\n\n')[0]!.matchAll(/^\| [^|]+ \| `([^`|]+)` \|/gmu)].map(([, cell]) => [(/^\w+(?=:\/\/|\()/u.exec(cell!)?.[0] ?? cell!), cell!]),
);
let urls: ServerUrls;
before(async () => {
  urls = await sharedServer();
});

test('every row has its drivers here', () => {
  assert.deepEqual([...connections.keys()].toSorted(), Object.keys(drivers).toSorted());
});

for (const [row, own] of Object.entries(drivers) as [Row, (typeof drivers)[Row]][]) {
  for (const [driver, { connects, told }] of Object.entries(own)) {
    test(`${row}: ${driver}`, async () => {
      const connection = fillFor(urls)(connections.get(row)!);
      if (row !== 'open') assert.equal(connection, urls[row]);
      assert.deepEqual(await connects(connection), told);
    });
  }
}
