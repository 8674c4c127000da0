// The paths that an expression reads, as far as the planner can see them.

import { Int32 } from '../../../values/bson/types.ts';
import type { Expression } from '../expressions/expression.ts';

type Paths = readonly (readonly string[])[];

/** The paths that an id consists of; undefined for one that is computed. */
export function pathsOf({ constant, path, fields }: Expression): Paths | undefined {
  if (constant !== undefined) return [];
  if (path !== undefined) return [path];
  return fields === undefined ? undefined : all(fields.map(({ expression }) => pathsOf(expression)));
}

/** As `pathsOf`, also of what is computed from nothing else; undefined where that is not known. */
export function pathsReadBy({ constant, path, fields, operator }: Expression): Paths | undefined {
  if (constant !== undefined) return [];
  if (path !== undefined) return [path];
  return all((operator?.operands ?? fields?.map(({ expression }) => expression))?.map(pathsReadBy));
}

function all(parts: readonly (Paths | undefined)[] | undefined): Paths | undefined {
  const known = parts?.filter((part) => part !== undefined);
  return known === undefined || known.length < parts!.length ? undefined : known.flat();
}

/** Whether it gives one of a few constants, of which those that are numbers are whole: `{$cond: [condition, 1, 0]}`. */
export function isSumOfConstants({ constant, operator }: Expression): boolean {
  if (constant !== undefined) return constant.value === undefined || constant.value === null || constant.value instanceof Int32 || typeof constant.value === 'bigint';
  return operator?.name === '$cond' && operator.operands.slice(1).every(isSumOfConstants);
}
