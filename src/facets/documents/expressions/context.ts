// Where parsing starts: a context that knows every operator.

import type { Maybe } from '../../../values/bson/types.ts';
import type { ParseContext } from './expression.ts';
import { operatorsByName } from './registry.ts';
import { firstUserSlot } from './scope.ts';

/** A context for one command or pipeline, in which variables with values of their own (`$$NOW`, a command's `let`) are constants. */
export function newParseContext(constants: ReadonlyMap<string, Maybe> = new Map()): ParseContext {
  return { variables: new Map(), constants, slots: { next: firstUserSlot }, operators: operatorsByName, depth: 0 };
}
