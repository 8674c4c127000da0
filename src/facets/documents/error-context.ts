// Errors that tell where they arose, as MongoDB's do.

import { DocumentError, inContext } from './errors.ts';

/** Calls `action`; puts `context` and "caused by" before the text of what it throws. */
export function withErrorContext<T>(context: string, action: () => T, isConcerned: (error: DocumentError) => boolean = () => true): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof DocumentError && isConcerned(error) ? inContext(context, error) : error;
  }
}

/** Errors of constants are left as they are: the original finds them only when it optimizes what it has parsed. */
export function withParsingContext<T>(context: string, parse: () => T): T {
  return withErrorContext(context, parse, ({ isOfConstants }) => !isOfConstants);
}

/** The other way round. */
export function withOptimizingContext<T>(context: string, parse: () => T): T {
  return withErrorContext(context, parse, ({ isOfConstants }) => isOfConstants);
}
