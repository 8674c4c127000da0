// What a window function is once it is parsed, and what the parsing of all of them shares.

import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Evaluate, ParseContext, Scope } from '../../expressions/expression.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { type WindowBounds, parseWindowBounds } from './window-bounds.ts';

/** One partition in its order. */
export type Partition = {
  /** Of its documents. */
  readonly count: number;
  /** What the function's `input` gives for the document at a place. Throws what evaluating it throws. */
  readonly inputAt: (index: number) => Maybe;
  /** The values of the single sort field as an expression reads it, undefined where missing; empty without such a field. */
  readonly positions: readonly Maybe[];
  /** The variables, over no document. */
  readonly scope: Scope;
};

export type WindowFunction = {
  /** What it reads of each document, if it does. */
  readonly input?: Evaluate;
  /** Its values for the documents of a partition, one after the other. Throws DocumentError. */
  readonly results: (partition: Partition) => Iterable<Maybe>;
};

export type WindowContext = { readonly expressions: ParseContext; readonly sortBy: SortPattern | undefined };

/** `specification` is the whole of `{$function: argument, window: bounds}`. Throws DocumentError. */
export type ParseWindowFunction = (specification: Document, context: WindowContext) => WindowFunction;

/** Most misuses of window functions have no code of their own. */
export function refusal(text: string): DocumentError {
  return new DocumentError('FailedToParse', text);
}

/** The function's argument as `parse` reads it, and its window; in the order in which they stand. Other fields are refused. */
export function readWindow<T>(name: string, specification: Document, { expressions, sortBy }: WindowContext, parse: (argument: Value) => T): { readonly argument: T; readonly bounds: WindowBounds | undefined } {
  let bounds: WindowBounds | undefined;
  let argument: { readonly parsed: T } | undefined;
  for (const [field, value] of specification) {
    if (field === 'window') bounds = parseWindowBounds(value, sortBy, expressions);
    else if (field === name) argument = { parsed: parse(value) };
    else throw refusal(`Window function found an unknown argument: ${field}`);
  }
  return { argument: argument!.parsed, bounds };
}

/** For functions whose window is fixed. */
export function readWithoutWindow<T>(name: string, specification: Document, parse: (argument: Value) => T): T {
  for (const field of specification.keys()) {
    if (field !== name && field !== 'window') throw refusal(`Window function found an unknown argument: ${field}`);
  }
  const argument = parse(specification.get(name)!);
  if (specification.has('window')) throw refusal(`'window' field is not allowed in ${name}`);
  return argument;
}
