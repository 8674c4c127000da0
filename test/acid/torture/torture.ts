// Durability and atomicity under `kill -9`: rounds of load, a kill at a random moment, recovery, and a check of everything
// that the clients had been told. The suite runs a few rounds; `npm run torture` runs as many as one likes.

import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { type Server, startServer } from '../../support/server.ts';
import { joinedWorkload } from './joined-workload.ts';
import { mongodbWorkload } from './mongodb-workload.ts';
import { seededRandom } from './random.ts';
import { redisWorkload } from './redis-workload.ts';
import { sqlWorkload } from './sql-workload.ts';
import { kill, type Victim, victims } from './victims.ts';
import type { Workload } from './workload.ts';

/** What runs while the server is killed, by name. */
export const workloads = { sql: sqlWorkload, redis: redisWorkload, mongodb: mongodbWorkload, joined: joinedWorkload } as const satisfies Record<string, () => Workload>;

const recoveryLimitMs = 60_000;
const loadMinMs = 40;
const loadMaxMs = 600;
/** FacetDB gives up a PostgreSQL that dies again and again within seconds (`processLimits.quickFailures`), and rightly so. */
const survivedInARow = 6;

export type TortureOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** Default: sql. */
  readonly load?: keyof typeof workloads;
  readonly clients?: number;
  /** Default: a temporary one. One that is given is kept. */
  readonly dataDir?: string | undefined;
  readonly onRound?: (round: Round) => void;
};

export type Round = {
  readonly number: number;
  readonly victim: Victim;
  /** From the end of the load's start to the kill. */
  readonly loadMs: number;
  /** From the kill until a client could connect to the recovered server. */
  readonly recoveryMs: number;
  readonly acknowledged: number;
  /** Units that were asked for and not answered. */
  readonly unanswered: number;
  readonly violations: readonly string[];
};

/** Runs the rounds on a server and a data folder of their own. Rejects when the server does not come back. */
export async function torture({ rounds, seed, load: loadName = 'sql', clients = 8, dataDir, onRound }: TortureOptions): Promise<Round[]> {
  const random = seededRandom(seed);
  const workload: Workload = workloads[loadName]();
  const finished: Round[] = [];
  let server = await startServer(dataDir === undefined ? {} : { dataDir });
  try {
    await workload.prepare(server.urls);
    for (let number = 1; number <= rounds; number++) {
      const spared = finished.slice(-survivedInARow).filter(({ victim: last }) => last === 'postmaster' || last === 'PostgreSQL').length;
      const victim = spared === survivedInARow ? 'both' : random.oneOf(victims);
      const loadMs = random.between(loadMinMs, loadMaxMs);
      const load = await workload.start(server.urls, { clients, random });
      let recoveryMs: number;
      try {
        await sleep(loadMs);
        const killedAt = performance.now();
        await kill(victim, server);
        if (!server.running) server = await startServer({ dataDir: server.dataDir });
        await untilReachable(server, workload);
        recoveryMs = performance.now() - killedAt;
      } finally {
        // Where FacetDB does not come back, its clients may go on with the PostgreSQL that it left.
        load.stop();
      }
      await load.done;

      const round = { number, victim, loadMs, recoveryMs, ...(await workload.check(server.urls)) };
      finished.push(round);
      onRound?.(round);
    }
  } finally {
    await server.stop();
  }
  return finished;
}

async function untilReachable(server: Server, workload: Workload): Promise<void> {
  await eventually(
    'the server answers again',
    async () => {
      if (!server.running) throw new Error(`the server ended:\n${server.log}`);
      return await workload.isReachable(server.urls);
    },
    recoveryLimitMs,
  );
}
