// Errors of parsing that tell where they arose, as MongoDB's do.

import { DocumentError } from '../errors.ts';

/** Calls `parse`; puts `context` and "caused by" before the text of what it throws. */
export function withErrorContext<T>(context: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new DocumentError(error.number, `${context} :: caused by :: ${error.details}`, { cause: error });
  }
}
