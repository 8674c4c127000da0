// Which documents come after one in the order of `_id`: of every type, but of comparisons that an index serves. A comparison
// in a filter is within one type, so the documents after an `_id` are those of up to three filters, one after the other.

import type { Document } from 'bson';
import { messageOf } from '../../../kernel/errors.ts';
import { canonicalTypeOf, typeRanks } from '../../../values/bson/compare.ts';
import { parseExtendedJson } from '../../../values/bson/extended-json.ts';
import { typesOfIds } from '../../../values/bson/id-types.ts';
import type { Value } from '../../../values/bson/types.ts';
import { RequestError } from '../request-error.ts';

/** Types of one value: nothing of them comes after it. MinKey and MaxKey are compared with all types besides. */
const single: ReadonlySet<number> = new Set([typeRanks.minKey, typeRanks.null, typeRanks.maxKey]);
// NaN is the least of numbers in the order, and neither less nor greater than any in a comparison.
const nan = { $numberDouble: 'NaN' };
const leastNumber = { $numberDouble: '-Infinity' };

/** Filters of the documents after the one whose `_id` is this Extended JSON: all of the first come before all of the second. Throws RequestError. */
export function filtersAfterId(id: unknown, isDescending: boolean): Document[] {
  const rank = canonicalTypeOf(valueOf(id));
  const others = typesOfIds.filter((other) => (isDescending ? other.rank < rank : other.rank > rank)).flatMap(({ types }) => types);
  const isNaN = rank === typeRanks.number && Number.isNaN(Number(numberOf(id)));
  const conditions = [...withinType(id, { rank, isNaN, isDescending }), ...(others.length === 0 ? [] : [{ $type: others }])];
  return conditions.map((condition) => ({ _id: condition }));
}

function withinType(id: unknown, { rank, isNaN, isDescending }: { readonly rank: number; readonly isNaN: boolean; readonly isDescending: boolean }): Document[] {
  if (single.has(rank)) return [];
  if (isNaN) return isDescending ? [] : [{ $gte: leastNumber }];
  if (!isDescending) return [{ $gt: id }];
  return rank === typeRanks.number ? [{ $lt: id }, { $eq: nan }] : [{ $lt: id }];
}

/** The text of a number in canonical Extended JSON. */
function numberOf(id: unknown): unknown {
  return typeof id === 'object' && id !== null ? Object.values(id)[0] : id;
}

function valueOf(id: unknown): Value {
  try {
    return parseExtendedJson(JSON.stringify(id));
  } catch (error) {
    throw new RequestError('after', messageOf(error));
  }
}
