// What the expressions of one command are evaluated in: the time it began, and its `let` variables.

import { DateTime, type Document, type Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import type { ParseContext, Scope } from '../expressions/expression.ts';
import { parseExpression } from '../expressions/parse.ts';
import { assertUserVariableName } from '../expressions/paths.ts';
import { type Environment, newScope } from '../expressions/scope.ts';

export type CommandScope = {
  readonly context: ParseContext;
  readonly environment: Environment;
  readonly now: DateTime;
  readonly scopeFor: (root: Maybe) => Scope;
};

/** Throws DocumentError for names and for values that are no constants. */
export function newCommandScope(variables: Document = new Map()): CommandScope {
  const now = new DateTime(BigInt(Date.now()));
  const names = [...variables.keys()];
  names.forEach(assertUserVariableName);
  const constants = newParseContext();
  const nowOnly: Environment = { now };
  const values = [...variables.values()].map((value) => {
    const { evaluate } = parseExpression(value, constants);
    return evaluate(newScope(undefined, nowOnly));
  });
  const environment: Environment = { now, variables: values };
  return { context: newParseContext(names), environment, now, scopeFor: (root) => newScope(root, environment) };
}

/** Throws what `signal` was aborted with. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof DocumentError ? signal.reason : new DocumentError('Interrupted', 'operation was interrupted', { cause: signal.reason });
}
