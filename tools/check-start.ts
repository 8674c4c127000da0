// Starts the built server as a user would, in a temporary folder, and asks every protocol for something through a client of
// its own. A protocol that has a URL and no question here is an error, so that none is forgotten.

import { MongoClient } from 'mongodb';
import pg from 'pg';
import { createClient } from 'redis';
import { startServer } from '../test/support/server.ts';

/** Protocol → a question to the URL; returns what it answered, for the output. */
const questions: Readonly<Record<string, (url: string) => Promise<string>>> = {
  http: async (url) => {
    const health = await fetch(new URL('/health', url));
    const metrics = await fetch(new URL('/metrics', url));
    if (!health.ok || !metrics.ok) throw new Error(`/health says ${health.status}, /metrics says ${metrics.status}`);
    return await health.text();
  },
  postgres: askPostgres,
  postgresRelay: askPostgres,
  mongodb: async (url) => {
    const client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 10_000 });
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    await client.close();
    return `version ${String(version)}`;
  },
  redis: async (url) => {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    const answer = await client.ping();
    await client.close();
    return answer;
  },
};

async function askPostgres(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ answer: string }>(`select format('%s, as %s', split_part(version(), ' on ', 1), current_user) as answer`);
  await client.end();
  return rows[0]?.answer ?? '';
}

const server = await startServer();
console.log(`ready in ${Math.round(server.startMs)} ms`);
for (const [protocol, url] of Object.entries(server.urls)) {
  const ask = questions[protocol];
  if (ask === undefined) throw new Error(`${protocol} is offered, and tools/check-start.ts does not know what to ask it`);
  console.log(`${protocol}: ${await ask(url)}`);
}
const exitCode = await server.stop();
if (exitCode !== 0) throw new Error(`stopped with exit code ${exitCode}:\n${server.log}`);
console.log('stopped in order');
