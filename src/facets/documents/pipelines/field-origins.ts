// From which field of a stage's input a field of its output comes unchanged: what may be asked of the output before the stage
// already. Only whole top-level fields are followed: one below an array that a stage rebuilds (`{'a.b': 1}` drops the elements of
// `a` that are no documents) need not match what it matched before.

import { isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Origin, Stage } from './stage.ts';

/** Undefined for a stage that makes other documents, or needs all of them. */
export function originThrough(stage: Stage): Origin | undefined {
  switch (stage.name) {
    case '$addFields':
    case '$project':
    case '$unset':
    case '$replaceRoot':
      return stage.origin;
    case '$sort':
    case '$match':
      return (path) => path;
    case '$lookup':
    case '$graphLookup':
      return allBut([stage.as]);
    case '$unwind':
      return allBut(stage.indexPath === undefined ? [stage.path] : [stage.path, stage.indexPath]);
    case '$group':
      return originInGroups(stage.id);
    default:
      return undefined;
  }
}

function allBut(changed: readonly (readonly string[])[]): Origin {
  const names = new Set(changed.map(([name]) => name));
  return (path) => (names.has(path[0]!) ? undefined : path);
}

/** Of `$addFields`: its other fields stay. */
export function originInAddedFields(specification: Document): Origin {
  const changed = new Set([...specification.keys()].map(firstOf));
  return ([name = '', ...rest]) => {
    if (!changed.has(name)) return [name, ...rest];
    const source = renamedFrom(specification.get(name));
    return source === undefined ? undefined : [source, ...rest];
  };
}

/** Of `$project` and `$unset`: what is excluded is gone, or what is not included. */
export function originInProjection(isInclusion: boolean, specification: Document): Origin {
  if (!isInclusion) return allBut([...specification].filter(([, value]) => !isIncluding(value)).map(([path]) => [firstOf(path)]));
  return ([name = '', ...rest]) => {
    const value = specification.get(name);
    if (isIncluding(value) || (name === '_id' && ![...specification.keys()].some((path) => firstOf(path) === '_id'))) return [name, ...rest];
    const source = renamedFrom(value);
    return source === undefined ? undefined : [source, ...rest];
  };
}

/** Of a document that is made anew, by the fields of another: `{newRoot: {a: '$b'}}`. */
export function originInNewRoot({ fields }: Expression): Origin {
  return ([name, ...rest]) => {
    const path = fields?.find((field) => field.name === name)?.expression.path;
    return path?.length === 1 ? [...path, ...rest] : undefined;
  };
}

/** The groups' ids. `null` and missing make one group: see `isAskableOfGroups`. */
function originInGroups(id: Expression): Origin {
  const inFields = originInNewRoot(id);
  return ([name, ...rest]) => {
    if (name !== '_id') return undefined;
    if (id.path?.length === 1) return [...id.path, ...rest];
    return rest.length === 0 ? undefined : inFields(rest);
  };
}

function firstOf(path: string): string {
  return path.split('.', 1)[0]!;
}

/** `'$b'`: a field as it is. */
function renamedFrom(value: Value | undefined): string | undefined {
  return typeof value === 'string' && /^\$[^$.\0]+$/.test(value) ? value.slice(1) : undefined;
}

function isIncluding(value: Value | undefined): boolean {
  return value === true || (value !== undefined && isNumeric(value) && toDouble(value) !== 0);
}
