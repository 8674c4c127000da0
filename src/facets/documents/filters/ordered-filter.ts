// Comparisons in the order of an index, in which the values of all types stand one after the other and a missing field
// stands with null. Those of filters stay within the type of their operand.

import { canonicalTypeOf, typeRanks } from '../../../values/bson/compare.ts';
import { typeNumbers, type TypeName, type Value } from '../../../values/bson/types.ts';
import type { ComparisonOperator, Filter, Path } from './filter.ts';
import { isNaNValue } from './numbers.ts';
import { bsonAliases } from './types-operand.ts';

const ranks: Readonly<Record<TypeName, number>> = {
  minKey: typeRanks.minKey, undefined: typeRanks.missing, null: typeRanks.null, int: typeRanks.number, long: typeRanks.number, double: typeRanks.number,
  decimal: typeRanks.number, string: typeRanks.string, symbol: typeRanks.string, object: typeRanks.document, array: typeRanks.array, binData: typeRanks.binary,
  objectId: typeRanks.objectId, bool: typeRanks.boolean, date: typeRanks.date, timestamp: typeRanks.timestamp, regex: typeRanks.regularExpression,
  dbPointer: typeRanks.dbPointer, javascript: typeRanks.code, javascriptWithScope: typeRanks.codeWithScope, maxKey: typeRanks.maxKey,
};

const numberTypes: ReadonlySet<TypeName> = new Set(bsonAliases.get('number'));

/** What stands beyond `value` at a path. */
export function orderedFilter(operator: Exclude<ComparisonOperator, '$eq'>, path: Path, value: Value): Filter {
  const rank = canonicalTypeOf(value);
  const isUpper = operator === '$lt' || operator === '$lte';
  const isBeyond = (other: number): boolean => (isUpper ? other < rank : other > rank);
  const filters: Filter[] = [{ operator, path, value }];
  const types = (Object.keys(typeNumbers) as TypeName[]).filter((name) => isBeyond(ranks[name]));
  if (types.length > 0) filters.push({ operator: '$type', path, types: new Set(types) });
  if (isBeyond(typeRanks.null)) filters.push({ operator: '$not', filter: { operator: '$exists', path } });
  // NaN stands before all other numbers, and to filters is neither less nor greater.
  if (rank === typeRanks.number && isUpper && !isNaNValue(value)) filters.push({ operator: '$eq', path, value: Number.NaN });
  if (isNaNValue(value) && !isUpper) filters.push({ operator: '$and', filters: [{ operator: '$type', path, types: numberTypes }, { operator: '$not', filter: { operator: '$eq', path, value } }] });
  return { operator: '$or', filters };
}
