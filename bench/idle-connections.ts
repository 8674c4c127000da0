// A thousand idle SQL connections beside fifty busy ones: that they stay up, and what they cost in memory.
//
//   npm run bench -- idle-connections [--idle 1000] [--busy 50] [--seconds 10]

import { parseArgs } from 'node:util';
import { ConnectionCrowd } from '../test/support/connection-crowd.ts';
import { childPids, postmasterPid } from '../test/support/postgres-processes.ts';
import { type Server, startServer } from '../test/support/server.ts';
import { type Memory, memoryOf } from './process-memory.ts';
import { machineLine } from './report.ts';

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { idle: { type: 'string', default: '1000' }, busy: { type: 'string', default: '50' }, seconds: { type: 'string', default: '10' } },
  });
  const [idle, busy, seconds] = [Number(values.idle), Number(values.busy), Number(values.seconds)];
  const server = await startServer();
  try {
    console.log(machineLine());
    report('before', server);
    const startedAt = performance.now();
    const crowd = await ConnectionCrowd.connect(server.urls.postgres, { idle, busy });
    console.log(`${idle} idle and ${busy} busy connections, open after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    report('connected', server);
    await crowd.work(seconds * 1000);
    console.log(`${Math.round(crowd.statements / seconds).toLocaleString('en')} statements a second over ${seconds} s`);
    report('after the work', server);
    const alive = await crowd.alive();
    console.log(`${alive} of ${idle + busy} connections answer; lost: ${crowd.lost.length}`);
    await crowd.close();
    if (alive !== idle + busy) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

function report(when: string, { pid, dataDir }: Server): void {
  const postmaster = postmasterPid(dataDir);
  const postgres = postmaster === undefined ? [] : [postmaster, ...childPids(postmaster)];
  console.log(`  ${when.padEnd(15)} FacetDB ${shown(memoryOf([pid]))}; PostgreSQL, ${postgres.length} processes, ${shown(memoryOf(postgres))}`);
}

function shown({ residentBytes, proportionalBytes }: Memory): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MB`;
  // Resident memory counts what processes share once for each of them; only the proportional share can be added up.
  return proportionalBytes === undefined ? `${megabytes(residentBytes)} resident` : megabytes(proportionalBytes);
}
