// redis-benchmark, as it is installed on this machine.

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { RedisAddress } from '../test/redis/support/resp-client.ts';

const run = promisify(execFile);
const timeoutMs = 600_000;

/** What every run has in common: values of 64 bytes, keys and elements out of 100,000. */
export const keyRange = 100_000;
const commonOptions = ['-d', '64', '-r', `${keyRange}`, '--csv'] as const;

export type BenchmarkLoad = {
  /** As `-t` names it: `set`, `lrange_100`. */
  readonly test: string;
  readonly clients: number;
  /** Commands that a client sends before it waits for a reply. Default: 1. */
  readonly pipeline?: number;
  readonly requests: number;
};

export function isBenchmarkInstalled(): boolean {
  return spawnSync('redis-benchmark', ['--version']).status === 0;
}

/** Requests a second. */
export async function measureLoad({ host, port }: RedisAddress, { test, clients, pipeline = 1, requests }: BenchmarkLoad): Promise<number> {
  const server = ['-h', host, '-p', `${port}`];
  const load = ['-t', test, '-c', `${clients}`, '-P', `${pipeline}`, '-n', `${requests}`];
  const { stdout } = await run('redis-benchmark', [...server, ...load, ...commonOptions], { timeout: timeoutMs });
  // The last line is the test; LRANGE fills its list before, in a line of its own.
  const rate = Number(/^"[^"]+","([\d.]+)"/.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1]);
  if (!(rate > 0)) throw new Error(`redis-benchmark measured nothing:\n${stdout}`);
  return rate;
}
