// Which fields a wildcard index holds: all of a document or of a part of it, or those that `wildcardProjection` says.
// Source: MongoDB 7.0, src/mongo/db/index/wildcard_validation.cpp, and validateIndexSpec in index_key_validate.cpp.

import { isNumeric, typeNameOf, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError, inContext } from '../errors.ts';
import { splitFieldPath } from '../expressions/paths.ts';
import { shellText } from '../expressions/shell-text.ts';
import { isTruthy } from '../filters/numbers.ts';

/** The fields below which a wildcard index holds everything, and those below which it holds nothing. As dotted paths. */
export type WildcardFields = { readonly included: readonly string[] | undefined; readonly excluded: readonly string[] };

export function isWildcardPath(path: string): boolean {
  return path === '$**' || path.endsWith('.$**');
}

/** Throws DocumentError: codes 7246201, 7246204. */
export function assertWildcardKey(key: Document): void {
  const { prefix, others } = partsOf(key);
  for (const other of others) {
    if (prefix !== '' && isAtOrBelow(other, prefix)) {
      throw new DocumentError(7_246_204, `A wildcard index field should not overlap with and index key fields if wildcard projection is empty, however '${other}' is overlapping with the wildcard index field.`);
    }
  }
}

function partsOf(key: Document): { readonly prefix: string; readonly others: readonly string[] } {
  const [wildcard = '', ...more] = [...key.keys()].filter(isWildcardPath);
  if (more.length > 0) throw new DocumentError(7_246_201, 'Index Key can contain only one wildcard index field');
  return { prefix: wildcard.slice(0, -'.$**'.length), others: [...key.keys()].filter((name) => !isWildcardPath(name)) };
}

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}.`);
}

/** Checks `wildcardProjection` of an index on `key`. Throws DocumentError. */
export function assertWildcardProjection(key: Document, projection: Value): void {
  const field = "The field 'wildcardProjection'";
  if (!(projection instanceof Map)) throw new DocumentError('TypeMismatch', `${field} must be a non-empty object, but got ${typeNameOf(projection)}`);
  if (!key.has('$**')) throw new DocumentError('FailedToParse', `${field} is only allowed when 'key' is {"$**": ±1} or {"$**": "columnstore"}`);
  if (projection.size === 0) throw new DocumentError('FailedToParse', "The 'wildcardProjection' field can't be an empty object");
  if (key.size > 1) assertCompoundProjection(partsOf(key).others, projection);
  try {
    const { included, excluded } = flagsOf(projection);
    assertOneKind(included, excluded);
  } catch (error) {
    throw inContext('Failed to parse projection: wildcardProjection', error);
  }
}

type Flags = { readonly included: string[]; readonly excluded: string[] };

/** The paths of a projection by what it says of them. Throws DocumentError: 51271 for what is neither, those of `splitFieldPath`. */
function flagsOf(projection: Document, prefix = ''): Flags {
  const flags: Flags = { included: [], excluded: [] };
  for (const [name, value] of projection) {
    const path = `${prefix}${name}`;
    const isExpression = value instanceof Map && [...value.keys()].some((field) => field.startsWith('$'));
    if (!isExpression) splitFieldPath(path);
    if (value instanceof Map && value.size > 0 && !isExpression) {
      const inner = flagsOf(value, `${path}.`);
      flags.included.push(...inner.included);
      flags.excluded.push(...inner.excluded);
    } else if (typeof value === 'boolean' || isNumeric(value)) {
      (isTruthy(value) ? flags.included : flags.excluded).push(path);
    } else {
      throw new DocumentError(51_271, `Bad projection specification, cannot use computed fields when parsing a spec in kBanComputedFields mode: ${shellText(projection)}`);
    }
  }
  return flags;
}

/** Only `_id` may be of the other kind. Throws DocumentError: 31253, 31254. */
function assertOneKind(included: readonly string[], excluded: readonly string[]): void {
  const [other] = excluded.filter((path) => path !== '_id');
  const [one] = included.filter((path) => path !== '_id');
  if (one !== undefined && other !== undefined) throw new DocumentError(31_254, `Cannot do exclusion on field ${other} in inclusion projection`);
}

/** Throws DocumentError: codes 7246200 to 7246211. */
function assertCompoundProjection(keys: readonly string[], projection: Document): void {
  for (const [name, value] of projection) {
    if (typeof value !== 'boolean' && !isNumeric(value)) throw new DocumentError(7_246_207, `Fields in wildcardProjection must be numbers, however '${name}: ${shellText(value)}' is a ${typeNameOf(value)}.`);
  }
  const { included, excluded } = flagsOf(projection);
  assertApart(included);
  assertApart(excluded);
  for (const key of keys) {
    const within = included.find((path) => isAtOrBelow(key, path));
    if (within !== undefined) throw new DocumentError(7_246_208, `Index Key and Wildcard Projection cannot contain overlapping fields, however '${key}' index field is ovverlapping with '${within}' wildcardProjection path.`);
  }
  const shown = excluded.length === 0 ? undefined : keys.find((key) => !excluded.some((path) => isAtOrBelow(key, path)));
  if (shown !== undefined) throw new DocumentError(7_246_210, `wildcardProjection paths must exclude all regular index fields, however '${shown}'is not excluded.`);
  const isIdAlone = [included, excluded].some((paths) => paths.length === 1 && paths[0] === '_id');
  if (included.length > 0 && excluded.length > 0 && !isIdAlone) {
    throw new DocumentError(7_246_211, 'Inclusion and exclusion statements cannot combine in the wildcardProjection with an exception of explicitly including _id field');
  }
}

function assertApart(paths: readonly string[]): void {
  const sorted = paths.toSorted();
  for (const [index, path] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && isAtOrBelow(path, before)) throw new DocumentError(7_246_200, `Fields in Wildcard Projection cannot overlap, however '${before}' is overlapped with '${path}`);
  }
}

/** What a wildcard index holds; `_id` only where it is asked for. */
export function wildcardFieldsOf(key: Document, projection: Maybe): WildcardFields {
  const { prefix } = partsOf(key);
  if (prefix !== '') return { included: [prefix], excluded: [] };
  if (!(projection instanceof Map)) return { included: undefined, excluded: ['_id'] };
  const { included, excluded } = flagsOf(projection);
  const wanted = included.filter((path) => path !== '_id');
  if (wanted.length > 0) return { included, excluded: [] };
  // One of `_id` alone excludes nothing else.
  if (excluded.length === 0) return { included, excluded: [] };
  return { included: undefined, excluded: included.includes('_id') ? excluded : [...new Set([...excluded, '_id'])] };
}

/** Whether the index has an entry for each value at the path. */
export function holdsPath({ included, excluded }: WildcardFields, path: string): boolean {
  return (included === undefined || included.some((root) => isAtOrBelow(path, root))) && !excluded.some((root) => isAtOrBelow(path, root));
}
