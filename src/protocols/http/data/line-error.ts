// A row of a stream that was refused.

import { FacetError } from '../../../kernel/errors.ts';

export class LineError extends FacetError {
  /** From 1. */
  readonly line: number;

  constructor(line: number, reason: FacetError) {
    super(reason.code, reason.details, { cause: reason, ...(reason.field === undefined ? {} : { field: reason.field }) });
    this.line = line;
  }
}
