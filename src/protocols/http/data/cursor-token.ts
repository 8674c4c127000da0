// Where a page begins, as clients carry it: opaque to them, checked when it comes back.

import type { z } from 'zod';
import { RequestError } from '../request-error.ts';

export function tokenOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Throws RequestError. */
export function readToken<Schema extends z.ZodType>(token: string, schema: Schema): z.output<Schema> {
  try {
    const result = schema.safeParse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
    if (result.success) return result.data;
  } catch {
    // Told below, as what has another shape.
  }
  throw new RequestError('after', 'it is none that a listing has given');
}
