// `$type` of `_id`: the keys in the column id begin with the type, so that each run of types is a range of them.

import { typesOfIds } from '../../../values/bson/id-types.ts';
import { firstByteOf } from '../../../values/bson/order-key.ts';
import type { TypeFilter } from '../filters/filter.ts';
import type { SqlParameters } from '../store/statements.ts';
import type { FilterPlan } from './filter-plan.ts';

export function planIdType({ types }: TypeFilter, parameters: SqlParameters): FilterPlan {
  const runs: { first: number; last: number; next: number }[] = [];
  let isExact = true;
  for (const [place, { rank, types: own }] of typesOfIds.entries()) {
    const wanted = own.filter((type) => types.has(type)).length;
    if (wanted === 0) continue;
    isExact &&= wanted === own.length;
    const run = runs.at(-1);
    if (run?.next === place) Object.assign(run, { last: rank, next: place + 1 });
    else runs.push({ first: rank, last: rank, next: place + 1 });
  }
  const bound = (first: number): string => parameters.bind('bytea', Buffer.from([first]));
  const ranges = runs.map(({ first, last }) => `id >= ${bound(firstByteOf(first))} and id < ${bound(firstByteOf(last) + 1)}`);
  return { sql: ranges.length === 0 ? 'false' : `(${ranges.join(' or ')})`, isExact };
}
