// Values and paths as the SQL functions of store-migration.ts know them.

import { quoteLiteral } from '../../../engine/quoting.ts';
import { typeRanks } from '../../../values/bson/compare.ts';
import { wrapperNames } from '../../../values/bson/json-escape.ts';
import type { WildcardFields } from '../store/wildcard-key.ts';
import { DateTime, isNumeric, ObjectId, Timestamp, type Value } from '../../../values/bson/types.ts';
import { numberKey } from './number-key.ts';
import { textKey } from './text-key.ts';

/** The key of a value, as `facetdb.order_value` makes it of the stored one. */
export type SqlKey = {
  readonly rank: number;
  /** JSON. Equal keys are equal values, and greater keys greater ones. */
  readonly json: string;
};

const longestText = 160;
/** Characters that the stored form of a name escapes. */
const escaped = /[\0\ufdd0]/;

/** Undefined for types and values whose keys SQL does not tell exactly enough. */
export function sqlKeyOf(value: Value): SqlKey | undefined {
  if (typeof value === 'string') {
    const text = textKey(value);
    return text.length <= longestText ? keyOf(typeRanks.string, JSON.stringify(text)) : undefined;
  }
  if (typeof value === 'boolean') return keyOf(typeRanks.boolean, String(value));
  if (isNumeric(value)) return keyOf(typeRanks.number, numberKey(value));
  if (value instanceof ObjectId) return keyOf(typeRanks.objectId, `"${Buffer.from(value.bytes).toString('hex')}"`);
  if (value instanceof DateTime) return keyOf(typeRanks.date, String(value.ms));
  if (value instanceof Timestamp) return keyOf(typeRanks.timestamp, String(value.value));
  return undefined;
}

function keyOf(rank: number, json: string): SqlKey {
  return { rank, json: `[${rank},${json}]` };
}

/** Of NaN, which is less and greater than no number. */
export const nanKey = keyOf(typeRanks.number, numberKey(Number.NaN)).json;

/** The key below all others of a rank, and the one above. */
export function rankBounds(rank: number): { readonly below: string; readonly above: string } {
  // NaN, which is less than no number, has the key [10,null].
  return { below: rank === typeRanks.number ? `[${rank},null]` : `[${rank - 0.5},null]`, above: `[${rank + 0.5},null]` };
}

/** Whether SQL can follow a path: no part of it may be the position of an element, or be stored in another form. */
export function isSqlPath(path: readonly string[]): boolean {
  return isIndexPath(path) && !path.some((name) => /^\d+$/.test(name));
}

/** Whether an index can hold the keys at a path. With a position on it these may be more than those that are asked for. */
export function isIndexPath(path: readonly string[]): boolean {
  return path.length > 0 && path.every((name) => name !== '' && !wrapperNames.has(name) && !escaped.test(name));
}

/** `'{a,b}'::text[]`: written the same in an index and in the queries that are to use it. */
export function sqlPath(path: readonly string[]): string {
  const elements = path.map((name) => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',');
  return `${quoteLiteral(`{${elements}}`)}::text[]`;
}

export function leastKey(path: readonly string[]): string {
  return `facetdb.order_key(doc, ${sqlPath(path)}, false)`;
}

export function greatestKey(path: readonly string[]): string {
  return `facetdb.order_key(doc, ${sqlPath(path)}, true)`;
}

/** Tells documents at a path apart whose keys are the same but for the order of their fields. */
export function fieldOrder(path: readonly string[]): string {
  return `case jsonb_typeof(${valueAt(path)}) when 'object' then facetdb.field_order(doc, bson, ${sqlPath(path)}) else '' end`;
}

/** As a test, of which PostgreSQL estimates by `arrayTest`'s statistics how many documents pass it; of a bare function it does not. */
export function hasArray(path: readonly string[]): string {
  return `(${arrayTest(path)} is true)`;
}

/** Whether the path leads through an array or to one; null where it leads nowhere. */
export function arrayTest(path: readonly string[]): string {
  return `(${path.map((_, index) => `jsonb_typeof(${valueAt(path.slice(0, index + 1))}) = 'array'`).join(' or ')})`;
}

/** The stored value at a path without arrays on it. */
export function valueAt(path: readonly string[]): string {
  return path.length === 1 ? `doc -> ${quoteLiteral(path[0]!)}` : `doc #> ${sqlPath(path)}`;
}

/** Whether values with this key may still differ, or stand in another order: `facetdb.is_coarse` without a call for the common types. */
export function coarseTest(key: string): string {
  return `case ${key} ->> 0 when '10' then false when '15' then length(${key} ->> 1) > 160 when '5' then false when '35' then false when '45' then false else facetdb.is_coarse(${key}) end`;
}

export function allKeys(path: readonly string[]): string {
  return `facetdb.order_keys(doc, ${sqlPath(path)})`;
}

/** The values of a document with their paths, as a wildcard index holds them. */
export function wildcardKeys({ included, excluded }: WildcardFields): string {
  // Of the index on everything: `_id` too, which nobody looks for by it, and which would cost more to leave out.
  if (included === undefined && excluded.length === 1 && excluded[0] === '_id') return 'facetdb.wildcard_keys(doc)';
  return `facetdb.wildcard_keys_within(doc, ${included === undefined ? 'null::text[]' : sqlPath(included)}, ${sqlPath(excluded)})`;
}

/**
 * A column of a subquery, for PostgreSQL computes what stands there once only if it cannot merge it with the query around it, as
 * something volatile keeps it from; this is allowed in its parallel workers too.
 */
export const fence = 'pg_is_in_recovery()';
