// What an accumulator of $group, $bucketAuto and $setWindowFields is once it is parsed.

import type { Maybe, Value } from '../../../../values/bson/types.ts';
import type { Evaluate, Expression, ParseContext, Scope } from '../../expressions/expression.ts';

/** What one group has gathered. `result` may be asked for at any time, and again. */
export type AccumulatorState = {
  add(input: Maybe): void;
  /** Undefined stands for null in $group, for no field in $setWindowFields. */
  result(): Maybe;
};

/** Told of the bytes that a state holds more. */
export type OnBytes = (bytes: number) => void;

export type Accumulator = {
  /** What is accumulated, for the planner; absent for `$count`. */
  readonly argument?: Expression;
  /** `n`: it sees only the group's id. */
  readonly initializer?: Expression;
  /** What a document gives `AccumulatorState.add`. */
  readonly input: Evaluate;
  /** `group` is a scope over the group's id, if that is a document. Throws DocumentError for a wrong `n`. */
  readonly newState: (group: Scope, onBytes?: OnBytes) => AccumulatorState;
  /** What a group holds grows with its documents. */
  readonly isGathering?: true;
};

/** A field of the result. */
export type Accumulation = Accumulator & { readonly field: string; readonly operator: string };

/** A row of the table of accumulators. */
export type AccumulatorKind = {
  readonly name: `$${string}`;
  /** Throws DocumentError. */
  readonly parse: (argument: Value, context: ParseContext) => Accumulator;
  /** In $setWindowFields, where that reads the argument otherwise. Throws DocumentError. */
  readonly parseInWindow?: (argument: Value, context: ParseContext) => Accumulator;
  /** Over the field `v` of the documents: what comes out is checked by a test. All in Extended JSON. */
  readonly examples: readonly AccumulatorExample[];
};

export type AccumulatorExample = {
  readonly argument: string;
  /** The documents of one group. */
  readonly input?: string;
} & ({ readonly result: string } | { readonly error: number });
