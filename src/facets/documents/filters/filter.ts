// A filter once it is parsed: plain data, which the planner reads to make SQL and `compileFilter` to make a predicate.
// Operators that MongoDB itself defines by others are written by those: $ne and $nin by `not`, $all by `and`.

import type { TypeName, Value } from '../../../values/bson/types.ts';
import type { Expression } from '../expressions/expression.ts';
import type { Schema } from './schema.ts';

/** The fields of a dotted path, as written: `a.0.b` is `['a', '0', 'b']`. */
export type Path = readonly string[];

export type ComparisonOperator = '$eq' | '$lt' | '$lte' | '$gt' | '$gte';

export type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

/** A regular expression and its options' letters, already checked. */
export type Pattern = { readonly pattern: string; readonly options: string };

export type ComparisonFilter = { readonly operator: ComparisonOperator; readonly path: Path; readonly value: Value };

/** `values` hold no regular expressions: those are `patterns`, of which any may match. */
export type InFilter = { readonly operator: '$in'; readonly path: Path; readonly values: readonly Value[]; readonly patterns: readonly Pattern[] };

export type RegexFilter = Pattern & { readonly operator: '$regex'; readonly path: Path };

/** 'number' is written out as its four types. */
export type TypeFilter = { readonly operator: '$type'; readonly path: Path; readonly types: ReadonlySet<TypeName> };

/** `mask` is for numbers (64 bits, two's complement), `positions` for binary data. */
export type BitFilter = { readonly operator: BitOperator; readonly path: Path; readonly mask: bigint; readonly positions: readonly number[] };

/** Of one path. */
export type LeafFilter =
  | ComparisonFilter
  | InFilter
  | RegexFilter
  | TypeFilter
  | BitFilter
  | { readonly operator: '$exists'; readonly path: Path }
  | { readonly operator: '$mod'; readonly path: Path; readonly divisor: bigint; readonly remainder: bigint }
  | { readonly operator: '$size'; readonly path: Path; readonly size: number }
  /** An array of which one element satisfies `filter`: as a value (`{$gt: 1}`, whose leaves have the empty path) or as a document. */
  | { readonly operator: '$elemMatch'; readonly path: Path; readonly of: 'values' | 'documents'; readonly filter: Filter };

export type Filter =
  | LeafFilter
  | { readonly operator: '$and' | '$or' | '$nor'; readonly filters: readonly Filter[] }
  | { readonly operator: '$not'; readonly filter: Filter }
  | { readonly operator: '$expr'; readonly expression: Expression }
  | { readonly operator: '$jsonSchema'; readonly schema: Schema }
  | { readonly operator: '$sampleRate'; readonly rate: number }
  | { readonly operator: '$alwaysTrue' | '$alwaysFalse' };

/** What matches every document. */
export const matchAll: Filter = { operator: '$and', filters: [] };
