// PostgreSQL's own benchmark as a client. The program comes with PostgreSQL's packages, not with npm.

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `pgbench (PostgreSQL) 15.14`, or undefined where it is not installed. */
export function pgbenchVersion(): string | undefined {
  const { status, stdout } = spawnSync('pgbench', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

export async function initialize(url: string, scale: number): Promise<void> {
  await pgbench(url, ['--initialize', '--quiet', `--scale=${scale}`]);
}

/** Transactions a second. */
export async function measure(url: string, options: readonly string[]): Promise<number> {
  const output = await pgbench(url, options);
  const rate = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
  if (!(rate > 0)) throw new Error(`pgbench measured nothing:\n${output}`);
  return rate;
}

async function pgbench(url: string, options: readonly string[]): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const { stdout } = await run('pgbench', [...options, '-h', hostname, '-p', port, '-U', username, pathname.slice(1)], {
    env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
  });
  return stdout;
}
