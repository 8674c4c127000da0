// An index as `explain` shows how it is walked: its keys, the bounds of each, and what of the filter they do not answer.
// Source: MongoDB 7.0, src/mongo/db/query/plan_explainer_impl.cpp and planner_access.cpp.

import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import type { Filter, Path } from '../filters/filter.ts';
import { boundsOf, everything, type FieldBounds, intersect, shownIntervals } from './index-bounds.ts';
import { isWildcardPath } from './wildcard-key.ts';

/** One of the conditions that all must hold. */
export type Condition = { readonly shown: Document; readonly filter: Filter };

/** Of each path of an index: those of its beginnings where documents have arrays. */
export type MultikeyPaths = ReadonlyMap<string, readonly string[]>;

export type WalkedKeys = {
  readonly keyPattern: Document;
  readonly multikeyPaths: MultikeyPaths;
  readonly indexBounds: Document;
  /** What documents are looked at for. */
  readonly rest: readonly Condition[];
};

type Walk = { readonly key: Document; readonly conditions: readonly Condition[]; readonly multikeyPaths: MultikeyPaths; readonly isBackward: boolean };

export function walkedKeys({ key, conditions, multikeyPaths, isBackward }: Walk): WalkedKeys {
  const keyPattern = walkedPattern(key, conditions);
  const answered = new Set<Condition>();
  const usedArrays = new Set<string>();
  const indexBounds: Document = new Map();
  for (const [name, direction] of keyPattern) {
    const arrays = multikeyPaths.get(name) ?? [];
    // Conditions on two fields of the elements of one array need not hold of one element.
    const isShared = arrays.some((array) => array !== name && usedArrays.has(array));
    const bounds = name === wildcardPathKey || isShared ? undefined : fieldBounds(conditions, name.split('.'), { isMultikey: arrays.length > 0 });
    if (bounds !== undefined) for (const array of arrays) usedArrays.add(array);
    for (const condition of bounds?.answered ?? []) answered.add(condition);
    // Of a hash there are no bounds but its own.
    if (typeof direction === 'string') continue;
    const isDescending = isNumeric(direction) && toDouble(direction) < 0;
    indexBounds.set(name, name === wildcardPathKey ? [...keyPattern.keys()].slice(-1).map((path) => `["${path}", "${path}"]`) : shownIntervals(bounds?.intervals ?? everything, { isBackward: isDescending !== isBackward }));
  }
  return { keyPattern, multikeyPaths: new Map([...keyPattern.keys()].filter((name) => name !== wildcardPathKey).map((name) => [name, multikeyPaths.get(name) ?? []])), indexBounds, rest: conditions.filter((condition) => !answered.has(condition)) };
}

/** What the entries of a wildcard index begin with. */
const wildcardPathKey = '$_path';

/** A wildcard index is walked as one on the path that is asked for. */
function walkedPattern(key: Document, conditions: readonly Condition[]): Document {
  const wildcard = [...key.keys()].find(isWildcardPath);
  if (wildcard === undefined) return key;
  const prefix = wildcard.slice(0, -'$**'.length);
  const path = conditions.map(({ filter }) => pathOf(filter)).find((asked) => asked?.startsWith(prefix) === true && !key.has(asked)) ?? prefix;
  return new Map([...key].flatMap(([name, direction]): [string, Value][] => (name === wildcard ? [[wildcardPathKey, int32(1)], [path, direction]] : [[name, direction]])));
}

function pathOf(filter: Filter): string | undefined {
  if ('path' in filter) return filter.path.join('.');
  return filter.operator === '$not' ? pathOf(filter.filter) : undefined;
}

/** Of a field with arrays by one condition only, as each may hold of another element. */
function fieldBounds(conditions: readonly Condition[], path: Path, { isMultikey }: { readonly isMultikey: boolean }): (Pick<FieldBounds, 'intervals'> & { readonly answered: readonly Condition[] }) | undefined {
  const served = conditions.flatMap((condition) => {
    const bounds = boundsOf(condition.filter, path);
    return bounds === undefined ? [] : [{ condition, bounds }];
  });
  const used = isMultikey ? served.slice(0, 1) : served;
  if (used.length === 0) return undefined;
  const answered = used.filter(({ condition, bounds }) => bounds.isExact && !(isMultikey && condition.filter.operator === '$not')).map(({ condition }) => condition);
  return { intervals: used.map(({ bounds }) => bounds.intervals).reduce(intersect), answered };
}
