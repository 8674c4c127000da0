// The original: a `redis-server` that is installed on this machine, started for a test or a benchmark with nothing kept.

import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { atExit } from '../../support/at-exit.ts';
import { killIfAlive } from '../../support/postgres-processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { RedisAddress } from './resp-client.ts';

/** The version whose behaviour FacetDB follows. */
const followedVersion = '7.0';
const startAttempts = 20;

export type OriginalRedis = { readonly address: RedisAddress; readonly pid: number; readonly stop: () => Promise<void> };

/** Why there is no original to compare with; false where there is one. For `node:test`'s `skip`. */
export function missingOriginal(): string | false {
  const version = originalVersion();
  if (version === undefined) return 'redis-server is not installed';
  return version.startsWith(`${followedVersion}.`) ? false : `redis-server is ${version}; Redis ${followedVersion} is what FacetDB follows`;
}

export function originalVersion(): string | undefined {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return /v=(\S+)/.exec(stdout ?? '')?.[1];
}

/** Starts it on a free port of loopback. `args` are further options (`--appendonly yes`). Rejects when it does not start. */
export async function startOriginalRedis(args: readonly string[] = []): Promise<OriginalRedis> {
  for (let attempt = 1; attempt <= startAttempts; attempt++) {
    const started = await tryToStart(randomInt(20_000, 60_000), args);
    if (started !== undefined) return started;
  }
  throw new Error(`redis-server did not start, on ${startAttempts} ports`);
}

async function tryToStart(port: number, args: readonly string[]): Promise<OriginalRedis | undefined> {
  const place = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', temporaryFolder()];
  const child = spawn('redis-server', [...place, '--save', '', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  atExit(() => {
    if (child.pid !== undefined && child.exitCode === null) killIfAlive(child.pid);
  });
  const isReady = await Promise.race([saysReady(child.stdout), exited.then(() => false)]);
  if (!isReady || child.pid === undefined) return undefined;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return { address: { host: '127.0.0.1', port }, pid: child.pid, stop };
}

function saysReady(output: Readable): Promise<true> {
  return new Promise((resolve) => {
    let said = '';
    output.on('data', (text: Buffer) => {
      said += text.toString('latin1');
      if (said.includes('Ready to accept connections')) resolve(true);
    });
  });
}
