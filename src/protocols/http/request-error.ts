// A request that cannot be meant: the problem names the field of it that is wrong.

import type { z } from 'zod';
import { FacetError } from '../../kernel/errors.ts';

export class RequestError extends FacetError {
  /** `field`: where in the request: `operations[1].sql`, `filter`, a header's name. */
  constructor(field: string, details: string) {
    super('data_invalid', details, { field });
  }
}

/** `value` as the schema has it. Throws RequestError for the first that is wrong. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, place = 'body'): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = (issue?.path ?? []).map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  throw new RequestError([path, unknown].filter((part) => part !== undefined && part !== '').join('.') || place, issue?.message ?? 'invalid');
}
