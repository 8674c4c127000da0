// What the expressions of one command are evaluated in: the time it began, and its `let` variables.

import { DateTime, Timestamp, type Document, type Maybe } from '../../../values/bson/types.ts';
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

/** Throws DocumentError for names of variables, and for values that fail or read a document (4890500). */
export function newCommandScope(variables: Document = new Map()): CommandScope {
  const now = new DateTime(BigInt(Date.now()));
  const environment: Environment = { now, clusterTime: clusterTimeAt(now) };
  const scopeFor = (root: Maybe): Scope => newScope(root, environment);
  const constants = new Map<string, Maybe>([['NOW', now]]);
  for (const [name, value] of variables) {
    assertUserVariableName(name);
    // Each variable sees those before it.
    const { evaluate } = parseExpression(value, { ...newParseContext(constants), isWithoutDocument: true });
    constants.set(name, evaluate(scopeFor(undefined)));
  }
  return { context: newParseContext(constants), environment, now, scopeFor };
}

/** The time of the logical clock: the first of its second. */
function clusterTimeAt({ ms }: DateTime): Timestamp {
  return new Timestamp(((ms / 1_000n) << 32n) + 1n);
}

/** Throws what `signal` was aborted with. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof DocumentError ? signal.reason : new DocumentError('Interrupted', 'operation was interrupted', { cause: signal.reason });
}
