// Errors of parsing that tell where they arose, as MongoDB's do.

import { inContext } from '../errors.ts';

/** Calls `parse`; puts `context` and "caused by" before the text of what it throws. */
export function withErrorContext<T>(context: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw inContext(context, error);
  }
}
