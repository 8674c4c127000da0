// What an aggregation expression is once it is parsed: a closure over a scope. Variables are resolved to slots while
// parsing, so evaluating looks nothing up by name.

import type { Maybe, Value } from '../../../values/bson/types.ts';
import type { DocumentError } from '../errors.ts';

/** What an expression is evaluated against. */
export type Scope = {
  /** `$$ROOT`: the document that the stage works on. */
  readonly root: Maybe;
  /** The values of user variables (`$let`, `$map`, …) and of system variables, by the slots that parsing gave them. */
  readonly slots: Maybe[];
  /** What `$meta` reads: the document's metadata by name (`sortKey`, `indexKey`, …). */
  readonly metadata?: (name: string) => Maybe;
};

/** Gives a value, or `undefined` for missing. Throws DocumentError. */
export type Evaluate = (scope: Scope) => Maybe;

export type Expression = {
  readonly evaluate: Evaluate;
  /** Present when it is the same for every document. */
  readonly constant?: { readonly value: Maybe };
  /** Present when it is a plain field path (`$a.b`): its fields, for the planner. */
  readonly path?: readonly string[];
  /** Present when it is a document of expressions, for the planner. */
  readonly fields?: readonly { readonly name: string; readonly expression: Expression }[];
  /** The operator's name and its operands, if it is evaluated beforehand where all of them are constants. */
  readonly operator?: { readonly name: string; readonly operands: readonly Expression[] };
};

/** What parsing needs to know; made by `newParseContext` (context.ts), passed on by every operator that parses its own argument. */
export type ParseContext = {
  /** Visible variables without `$$` → their slots. */
  readonly variables: ReadonlyMap<string, number>;
  /** Variables without `$$` whose values are known already; those of `variables` hide them. */
  readonly constants: ReadonlyMap<string, Maybe>;
  /** There is no document: to read one is refused. */
  readonly isWithoutDocument?: true;
  /**
   * Gives the next free slot; shared by all contexts of one expression tree (and of one pipeline). Keeps the first
   * error of a constant until all is parsed: an error of parsing, wherever it stands, comes before it.
   */
  readonly slots: { next: number; isFoldingLater?: boolean; foldingError?: DocumentError | undefined };
  /** The operators that may be used, by name: handed over here, as operators themselves parse their operands. */
  readonly operators: ReadonlyMap<string, Operator>;
  /** Depth of nesting so far; bounded. */
  readonly depth: number;
};

/** An operator of which MongoDB says: so many arguments, each an expression, gives a value. */
export type PlainOperator = {
  /** With the `$`. */
  readonly name: string;
  /** How many arguments: exactly, or within bounds (`max` may be Infinity). One argument may stand without an array. */
  readonly arguments: number | { readonly min: number; readonly max: number };
  readonly evaluate: (...operands: Maybe[]) => Maybe;
  /** The operands behind the first that is null or missing are not evaluated, so their errors are not seen. */
  readonly stopsAtNull?: true;
  readonly examples: readonly ExpressionExample[];
};

/** An operator with named arguments or its own way of evaluating (`$cond`, `$let`, `$map`, `$dateToString`). */
export type SpecialOperator = {
  readonly name: string;
  /** `argument` is what stands behind the name, unparsed. */
  readonly parse: (argument: Value, context: ParseContext) => Expression;
  /** Why it is refused, if it always is. */
  readonly unsupported?: string;
  readonly examples: readonly ExpressionExample[];
};

export type Operator = PlainOperator | SpecialOperator;

/** Documentation that is tested. All in Extended JSON (canonical where the type matters), `document` defaulting to {}. */
export type ExpressionExample = {
  readonly expression: string;
  readonly document?: string;
} & ({ readonly result: string } | { readonly missing: true } | { readonly error: number });
