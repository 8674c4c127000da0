// Replies of commands that failed, as errors.

import type { Document } from 'bson';
import { DocumentError } from '../facets/documents/index.ts';

/** The reply, unless the command failed. Throws DocumentError with MongoDB's number and text. */
export function succeeded(reply: Document): Document {
  if (reply['ok'] === 1) return reply;
  throw new DocumentError(Number(reply['code'] ?? 1), String(reply['errmsg'] ?? 'the command failed'), { labels: (reply['errorLabels'] as string[] | undefined) ?? [] });
}

/** What went wrong with one document of a write. */
export type WriteError = { readonly index: number; readonly code: number; readonly errmsg: string; readonly keyPattern?: Document; readonly keyValue?: Document };

/** Some documents of a write were refused; the others were written. Number and text are those of the first that was. */
export class DocumentWriteError extends DocumentError {
  readonly writeErrors: readonly WriteError[];
  /** How many were written all the same. */
  readonly written: number;

  constructor(writeErrors: readonly WriteError[], written: number) {
    const [first] = writeErrors;
    super(first?.code ?? 1, first?.errmsg ?? 'the write failed');
    this.writeErrors = writeErrors;
    this.written = written;
  }
}

/** The reply of a write, unless any of its documents was refused. Throws DocumentWriteError. */
export function written(reply: Document): Document {
  const errors = succeeded(reply)['writeErrors'] as WriteError[] | undefined;
  if (errors !== undefined && errors.length > 0) throw new DocumentWriteError(errors, Number(reply['n'] ?? 0));
  return reply;
}
