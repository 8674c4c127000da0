// FacetDB inside another program, and what its HTTP tells about it while PostgreSQL comes and goes.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type RunningServer, start } from '../../src/index.ts';
import { freePorts, noPorts } from '../support/ports.ts';
import { killIfAlive, postmasterPid } from '../support/postgres-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // PostgreSQL is killed under it.
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function metricsOf({ urls }: RunningServer): Promise<Map<string, number>> {
  const response = await fetch(`${urls['http']}/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function health({ urls }: RunningServer): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${urls['http']}/health`);
  return { status: response.status, body: await response.json() };
}

test('start, health, metrics, a killed PostgreSQL, stop, start again', async (context) => {
  const data = join(temporaryFolder(), 'data');
  const server = await start({ data, ...freePorts });
  context.after(() => server.stop());
  assert.equal(server.dataDir, data);
  assert.deepEqual(await health(server), { status: 200, body: { live: true, ready: true, checks: { engine: 'up' } } });

  const client = new pg.Client({ connectionString: server.urls['postgres'] });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table kept as select 1 as one');
  const metrics = await metricsOf(server);
  assert.equal(metrics.get('facetdb_engine_up'), 1);
  assert.equal(metrics.get('facetdb_engine_restarts_total'), 0);
  assert.equal(metrics.get('facetdb_connections{protocol="postgres"}'), 1);
  assert.ok(metrics.get('facetdb_connections{protocol="http"}')! >= 1);
  assert.equal(metrics.get('facetdb_requests_total{protocol="http",operation="/health",outcome="ok"}'), 1);
  assert.equal(metrics.get('facetdb_request_duration_seconds_count{protocol="http",operation="/health"}'), 1);
  assert.ok(metrics.get('facetdb_engine_size_bytes{database="facet"}')! > 1_000_000);
  assert.ok(metrics.get('facetdb_postgres_transactions_total{database="facet",outcome="committed"}')! > 0);
  assert.ok(metrics.get('facetdb_pool_connections{state="open"}')! > 0);
  assert.ok(metrics.get('process_resident_memory_bytes')! > 0);

  const lost = new Promise((resolve) => client.once('end', resolve));
  killIfAlive(postmasterPid(data)!);
  await lost;
  const deadline = performance.now() + 20_000;
  while ((await metricsOf(server)).get('facetdb_engine_restarts_total') !== 1 || (await health(server)).status !== 200) {
    assert.ok(performance.now() < deadline, 'PostgreSQL came back');
    await sleep(50);
  }
  assert.deepEqual(await query(server.urls['postgres']!, 'select * from kept'), [{ one: 1 }]);

  await Promise.all([server.stop(), server.stop()]);
  assert.equal(await server.closed, undefined);
  assert.equal(postmasterPid(data), undefined);
  assert.ok(!existsSync(join(data, 'server.json')));

  const again = await start({ data, ...noPorts });
  context.after(() => again.stop());
  assert.deepEqual(again.urls, {});
  await again.stop();
});

test('a start that fails says why and leaves nothing open', async (context) => {
  const data = join(temporaryFolder(), 'data');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  context.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(start({ data, ...freePorts, httpPort: port }), { code: 'port_taken' });
  await assert.rejects(start({ data, ...freePorts, postgresPort: port }), { code: 'port_taken' });
  await assert.rejects(start({ data, host: '0.0.0.0' }), { code: 'listen_refused' });
  await assert.rejects(start({ data, json: true } as never), { code: 'configuration_invalid' });

  const server = await start({ data, ...freePorts });
  context.after(() => server.stop());
  await assert.rejects(start({ data, ...freePorts }), { code: 'data_folder_in_use', details: /this very process/ });
  await server.stop();
});
