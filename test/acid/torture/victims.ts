// Who is killed, always with SIGKILL: nobody gets to write anything any more.

import { eventually } from '../../support/eventually.ts';
import { areGone, childPids, killIfAlive, postmasterPid } from '../../support/postgres-processes.ts';
import type { Server } from '../../support/server.ts';

export const victims = ['FacetDB', 'postmaster', 'PostgreSQL', 'both'] as const;

/**
 * - `FacetDB`: the gateway; its PostgreSQL goes on without it.
 * - `postmaster`: PostgreSQL's first process; its sessions notice and end themselves.
 * - `PostgreSQL`: the first process and all others of it.
 * - `both`: FacetDB and all of PostgreSQL.
 */
export type Victim = (typeof victims)[number];

export async function kill(victim: Victim, server: Server): Promise<void> {
  const postmaster = postmasterPid(server.dataDir);
  if (postmaster === undefined) throw new Error(`no PostgreSQL serves ${server.dataDir}`);
  const all = [postmaster, ...childPids(postmaster)];
  const postgres = victim === 'postmaster' ? [postmaster] : all;
  if (victim !== 'FacetDB') postgres.forEach(killIfAlive);
  if (victim === 'FacetDB' || victim === 'both') await server.kill9();
  // Sessions that outlive their postmaster for a moment still answer: who asks them would take that for the recovery.
  if (victim !== 'FacetDB') await eventually('all of the killed PostgreSQL is gone', () => Promise.resolve(areGone(all)));
}
