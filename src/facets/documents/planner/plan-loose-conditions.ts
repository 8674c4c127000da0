// Conditions that follow from a filter without being it: PostgreSQL leaves out most of what does not match, and the gateway
// looks at the rest once more.

import { quoteLiteral } from '../../../engine/quoting.ts';
import type { TypeName } from '../../../values/bson/types.ts';
import type { Filter, Path, RegexFilter, TypeFilter } from '../filters/filter.ts';
import { prefixOf, textBehind } from '../filters/pattern-prefix.ts';
import type { SqlParameters } from '../store/statements.ts';
import type { FilterPlan, LeafPlan } from './filter-plan.ts';
import { allKeys, hasArray, isSqlPath, leastKey, valueAt } from './sql-keys.ts';

const unknown: FilterPlan = { isExact: false };

/** Of a field of a field an array on the way has to be looked into. */
function orBelowArray(sql: string, path: Path): FilterPlan {
  return path.length === 1 ? { sql, isExact: true } : { sql: `(${sql} or ${hasArray(path.slice(0, -1))})`, isExact: false };
}

export function planExists(path: Path): FilterPlan {
  return isSqlPath(path) ? orBelowArray(`${valueAt(path)} is not null`, path) : unknown;
}

export function planSize(path: Path, size: number, parameters: SqlParameters): FilterPlan {
  if (!isSqlPath(path)) return unknown;
  return orBelowArray(`(case jsonb_typeof(${valueAt(path)}) when 'array' then jsonb_array_length(${valueAt(path)}) = ${parameters.bind('int8', BigInt(size))} else false end)`, path);
}

/** What the stored form of a type's values may be: JSON's types, and objects by the name that marks them. */
const storedForms: Readonly<Record<TypeName, readonly string[]>> = {
  int: ['number'], double: ['number', '$numberDouble'], long: ['number', '$numberLong'], decimal: ['$numberDecimal'],
  string: ['string'], object: ['object'], array: ['array'], bool: ['boolean'], null: ['null'],
  objectId: ['$oid'], date: ['$date'], binData: ['$binary'], undefined: ['$undefined'], regex: ['$regularExpression'], dbPointer: ['$dbPointer'], javascript: ['$code'],
  symbol: ['$symbol'], javascriptWithScope: ['$code'], timestamp: ['$timestamp'], minKey: ['$minKey'], maxKey: ['$maxKey'],
};

export function planType({ path, types }: TypeFilter): FilterPlan {
  if (!isSqlPath(path)) return unknown;
  const forms = [...new Set([...types].flatMap((type) => storedForms[type]))];
  const plain = forms.filter((form) => !form.startsWith('$'));
  const marked = forms.filter((form) => form.startsWith('$'));
  const tests = [hasArray(path)];
  if (plain.length > 0) tests.push(`jsonb_typeof(${valueAt(path)}) in (${plain.map(quoteLiteral).join(', ')})`);
  if (marked.length > 0) tests.push(`${valueAt(path)} ?| ${quoteLiteral(`{${marked.join(',')}}`)}::text[]`);
  return { sql: `(${tests.join(' or ')})`, isExact: false };
}

/** Of characters that are stored as they are. */
const plainBeginning = /^[ -~]{0,100}/;

/** As a range of texts; and regular expressions, which match themselves. */
export function planPrefix(filter: RegexFilter, parameters: SqlParameters): LeafPlan | undefined {
  const { path } = filter;
  const [prefix = ''] = plainBeginning.exec(prefixOf(filter)) ?? [];
  if (prefix === '' || !isSqlPath(path)) return undefined;
  const [from, to] = [prefix, textBehind(prefix)].map((text) => `${parameters.bind('text', JSON.stringify([15, text]))}::jsonb`);
  const within = (key: string): string => `((${key} >= ${from} and ${key} < ${to}) or (${key} > '[49.5,null]'::jsonb and ${key} < '[50.5,null]'::jsonb))`;
  return { path, least: within(leastKey(path)), elements: `exists (select from unnest(${allKeys(path)}) as key where ${within('key')})`, holds: within, isExact: false };
}

/** The conditions on paths that hold of a document in whose array an element satisfies all of them. */
export function impliedByElement(filter: Filter): Filter[] {
  if (filter.operator !== '$elemMatch') return [];
  return [...leavesOf(filter.filter)].map((leaf) => ({ ...leaf, path: filter.of === 'documents' ? [...filter.path, ...leaf.path] : filter.path }));
}

type Leaf = Extract<Filter, { operator: '$eq' | '$lt' | '$lte' | '$gt' | '$gte' | '$in' }>;

function* leavesOf(filter: Filter): Generator<Leaf> {
  switch (filter.operator) {
    case '$and':
      for (const part of filter.filters) yield* leavesOf(part);
      return;
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
    case '$in':
      yield filter;
      return;
    default:
  }
}
