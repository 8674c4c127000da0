// What concerns a keyspace as a whole: its size, FLUSHDB, SWAPDB. Requests that do this have declared all keys.

import { statement } from '../../engine/client.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

const flush = statement('select facetdb.flush_keyspace($1)', ['int4']);
const swap = statement('select facetdb.swap_keyspaces($1, $2)', ['int4', 'int4']);
const statistics = statement('select space, keys, expires, average_ttl from facetdb.keyspace_statistics()');

/** How many keys there are, expired ones that were not swept yet included. */
export function countKeys(unit: Unit, space: number): number {
  return unit.askGeneral(`count:${space}`, () => {
    let count = 0;
    const sum = statement(`select coalesce(sum(change), 0)::int8 from ${schemaOf(space)}.key_counts`);
    return { steps: [{ statement: sum, values: [], onRow: (row) => (count = row.safeInteger(0)) }], answer: () => count };
  });
}

/** Deletes all keys of these keyspaces. */
export function flushSpaces(unit: Unit, spaces: readonly number[]): void {
  unit.askGeneral(`flush:${spaces.join()}`, () => ({
    steps: spaces.map((space) => ({ statement: flush, values: [space] })),
    answer: () => true,
  }));
  unit.forgetAll();
}

/** Exchanges what two keyspaces hold. */
export function swapSpaces(unit: Unit, first: number, second: number): void {
  unit.askGeneral(`swap:${first}:${second}`, () => ({ steps: [{ statement: swap, values: [first, second] }], answer: () => true }));
  unit.forgetAll();
}

/** `expires`: keys with an expiry. Both it and `averageTtlMs` are estimates in a large keyspace. */
export type SpaceStatistics = { readonly space: number; readonly keys: number; readonly expires: number; readonly averageTtlMs: number };

/** Of the keyspaces that hold keys. */
export function spaceStatistics(unit: Unit): readonly SpaceStatistics[] {
  return unit.askGeneral('statistics', () => {
    const spaces: SpaceStatistics[] = [];
    return {
      steps: [
        {
          statement: statistics,
          values: [],
          onRow: (row) => {
            spaces.push({ space: row.int32(0), keys: row.safeInteger(1), expires: row.safeInteger(2), averageTtlMs: row.safeInteger(3) });
          },
        },
      ],
      answer: () => spaces,
    };
  });
}
