// Where parsing starts: a context that knows every operator.

import type { ParseContext } from './expression.ts';
import { operatorsByName } from './registry.ts';
import { firstUserSlot } from './scope.ts';

/** A context for one command or pipeline, in which `variables` (a command's `let`) take the first slots of the user. */
export function newParseContext(variables: readonly string[] = []): ParseContext {
  return {
    variables: new Map(variables.map((name, index) => [name, firstUserSlot + index])),
    slots: { next: firstUserSlot + variables.length },
    operators: operatorsByName,
    depth: 0,
  };
}
