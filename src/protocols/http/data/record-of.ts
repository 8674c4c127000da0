// JSON objects as rows come in.

import { RequestError } from '../request-error.ts';
import type { JsonBody } from './data-source.ts';

/** Throws RequestError. */
export function objectOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RequestError(field, 'expected an object');
  return value as Record<string, unknown>;
}

export function recordOf({ text, value }: JsonBody): { readonly json: string; readonly names: readonly string[] } {
  return { json: text, names: Object.keys(objectOf(value, 'body')) };
}
