// A plain PostgreSQL, started the way one would do it by hand: `initdb`, a configuration file, `postgres`. It is what
// FacetDB's embedded one is measured against.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { spawnAs, userForPostgres } from '../src/engine/process/system-user.ts';
import { atExit } from '../test/support/at-exit.ts';
import { eventually } from '../test/support/eventually.ts';
import { endPostgres } from '../test/support/postgres-processes.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { withClient } from '../test/support/with-client.ts';

export type HandStartedOptions = {
  /** The folder with `postgres` and `initdb`. */
  readonly programs: string;
  readonly initdbOptions: readonly string[];
  /** Name → value. Settings that this version does not know are left out. */
  readonly settings: ReadonlyMap<string, string>;
};

export type HandStarted = {
  /** As a superuser, over TCP on loopback, like FacetDB's. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

export async function startByHand({ programs, initdbOptions, settings }: HandStartedOptions): Promise<HandStarted> {
  const folder = temporaryFolder();
  const user = userForPostgres();
  if (user.isOther) chownSync(folder, user.uid, user.gid);
  const asUser = { ...spawnAs(user), cwd: folder };
  const data = join(folder, 'postgres');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'by-hand\n', { mode: 0o644 });
  const access = ['--auth=scram-sha-256', '--username=facet', `--pwfile=${passwordFile}`, '--no-instructions'];
  execFileSync(join(programs, 'initdb'), [`--pgdata=${data}`, ...access, ...initdbOptions], { ...asUser, stdio: 'ignore' });

  const sockets = join(folder, 'run');
  mkdirSync(sockets);
  if (user.isOther) chownSync(sockets, user.uid, user.gid);
  const known = knownSettings(programs, asUser);
  const applied = [...settings].filter(([name]) => known.has(name) || name.includes('.'));
  const lines = applied.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  const port = await freePort();
  appendFileSync(join(data, 'postgresql.conf'), `\n${lines.join('\n')}\nport = ${port}\nunix_socket_directories = '${sockets}'\n`);

  const postgres = spawn(join(programs, 'postgres'), ['-D', data], { ...asUser, stdio: 'ignore' });
  atExit(() => endPostgres(folder));
  const url = `postgres://facet:by-hand@127.0.0.1:${port}/facet`;
  await eventually('PostgreSQL answers', () => withClient(url.replace(/facet$/, 'postgres'), (client) => client.query('create database facet')).catch(() => false as const));
  return {
    url,
    stop: async () => {
      postgres.kill('SIGINT');
      await once(postgres, 'exit');
    },
  };
}

/** The folder of the newest PostgreSQL that Debian's packages have installed here. */
export function debianPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const newest = readdirSync(root)
    .map(Number)
    .filter((version) => existsSync(join(root, String(version), 'bin', 'postgres')))
    .toSorted((left, right) => right - left)[0];
  return newest === undefined ? undefined : join(root, String(newest), 'bin');
}

function knownSettings(programs: string, asUser: object): Set<string> {
  const table = execFileSync(join(programs, 'postgres'), ['--describe-config'], { ...asUser, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return new Set(table.split('\n').map((line) => line.split('\t')[0] ?? ''));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
