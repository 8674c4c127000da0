// Assertions are for our own mistakes; the world's mistakes are a FacetError.

import { FacetError } from './errors.ts';

/** Throws an `internal` FacetError unless the condition holds. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new FacetError('internal', what);
}

/** For the default branch of a switch that must be total. */
export function unreachable(value: never): never {
  throw new FacetError('internal', `unexpected ${String(value)}`);
}
