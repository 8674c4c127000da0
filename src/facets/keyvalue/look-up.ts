// Fetches the keys of a group before its commands run.

import type { Connection, Step } from '../../engine/client.ts';
import { type Snapshot, readSnapshot, snapshotOf } from '../../engine/snapshot.ts';
import type { KeyRequest } from './key-request.ts';
import type { KnownKeys } from './known-keys.ts';
import { load } from './load.ts';
import { Needs } from './needs.ts';
import type { Unit } from './unit.ts';

/** Notes the keys and elements that requests are going to look at. */
export function wantKeys(requests: readonly KeyRequest[], unit: Unit, known?: KnownKeys): void {
  for (let index = 0; index < requests.length; index++) {
    const { space, keys, isBlind, elements } = requests[index]!;
    if (keys === 'all' || isBlind === true || keys.length === 0) continue;
    if (known !== undefined && keys.length === 1) {
      unit.firstOf[index] = unit.wantKnown(space, keys[0]!, known);
      continue;
    }
    unit.firstOf[index] = unit.want(space, keys[0]!);
    for (let other = 1; other < keys.length; other++) unit.want(space, keys[other]!);
    if (elements !== undefined) unit.wantElements(space, keys[0]!, elements);
  }
}

/**
 * For a group that only looks at keys' rows: takes what is remembered of them, if the store confirms it, and fetches the
 * others. Where it does not, all of them are wanted from the store, so that they are of one moment.
 */
export async function lookUp(connection: Connection, requests: readonly KeyRequest[], unit: Unit, known: KnownKeys): Promise<void> {
  // What is watched is told by its version, which is not remembered.
  const sentAt = requests.some(({ committedOnly }) => committedOnly === true) ? undefined : known.sendRead();
  if (sentAt === undefined) {
    known.answersMost = false;
    return wantKeys(requests, unit);
  }
  wantKeys(requests, unit, known);
  const { needs, remembered } = unit;
  unit.needs = new Needs();
  const wanted = [...needs.keys.values()].flat();
  known.answersMost = remembered > wanted.length;
  let snapshot: Snapshot | undefined;
  const confirmation: Step[] = remembered > 0 || known.lacksSnapshot ? [{ statement: readSnapshot, values: [], onRow: (row) => (snapshot = snapshotOf(row)) }] : [];
  if (wanted.length === 0 && confirmation.length === 0) return;
  await load(connection, unit, needs, confirmation);
  const isConfirmed = snapshot === undefined || known.confirm(sentAt, snapshot, wanted.length > 0);
  if (isConfirmed || remembered === 0) return known.learn(sentAt, wanted);
  unit.forgetAll();
  wantKeys(requests, unit);
}
