// Starts and reaches the embedded PostgreSQL for the tests of its life cycle.

import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DataFolder } from '../../src/engine/process/data-folder.ts';
import { EmbeddedPostgres, type EmbeddedPostgresOptions, systemRole } from '../../src/engine/process/embedded-postgres.ts';
import { silentLog } from '../../src/kernel/log.ts';

export type Running = {
  readonly folder: DataFolder;
  readonly postgres: EmbeddedPostgres;
  /** Stops PostgreSQL and lets the folder go. */
  readonly stop: () => Promise<void>;
};

/** Opens the folder and starts its PostgreSQL, without a port for clients unless the options say otherwise. */
export async function startEmbedded(path: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<Running> {
  const folder = await DataFolder.open(path);
  try {
    const postgres = await EmbeddedPostgres.start({ folder, listen: undefined, tls: undefined, authentication: 'scram', insecure: false, log: silentLog, ...options });
    const stop = async (): Promise<void> => {
      await postgres.stop();
      await folder.close();
    };
    return { folder, postgres, stop };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

export const freePort = { host: '127.0.0.1', port: 0, option: '--postgres-port' } as const;

/** One statement on a connection of its own, as FacetDB itself; the first column of the first row. */
export function ask(postgres: EmbeddedPostgres, sql: string): Promise<unknown> {
  return askAs({ host: postgres.socketDirectory, port: postgres.port, user: systemRole, database: 'postgres' }, sql);
}

export async function askAs(settings: pg.ClientConfig, sql: string): Promise<unknown> {
  const client = new pg.Client(settings);
  // A server that dies under a test is the test's business, not an error nobody caught.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

/** Waits until PostgreSQL was brought back. */
export async function untilUp(postgres: EmbeddedPostgres): Promise<void> {
  await once(postgres, 'up', { signal: AbortSignal.timeout(30_000) });
}

/** Waits until the condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); ) {
    if (Date.now() > deadline) throw new Error('the condition did not come to hold');
    await pause(10);
  }
}

/** The first line of PostgreSQL's own pid file. */
export function postmasterPidIn(path: string): number | undefined {
  const file = `${path}/postgres/postmaster.pid`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : undefined;
}
