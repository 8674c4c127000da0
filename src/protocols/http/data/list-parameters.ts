// The parameters of a listing, as they stand in the URL.

import { z } from 'zod';
import { wholeNumber } from '../decimal-text.ts';
import { httpLimits } from '../limits.ts';
import { RequestError, parsed } from '../request-error.ts';
import type { ListQuery, SortField } from './data-source.ts';

const names = 'Names separated by commas, or a JSON list.';
export const listParameters = z.strictObject({
  filter: z.string().optional().describe('A condition in JSON: {"year": {"$gte": 1970}, "city": "x"}.'),
  sort: z.string().optional().describe('Names separated by commas, with "-" in front for descending, or a JSON object: {"year": -1}.'),
  fields: z.string().optional().describe(`What is given of each item. ${names}`),
  limit: wholeNumber(z.number().int().min(1).max(httpLimits.pageRows)).default(httpLimits.pageRowsDefault).describe('Items of a page.'),
  after: z.string().max(16_384).optional().describe('Where the page begins: what the page before gave.'),
  key: z.string().optional().describe(`Columns that tell the rows of a view apart. ${names}`),
});
export const itemParameters = listParameters.pick({ fields: true, key: true });

/** Throws RequestError. */
export function listQueryOf(query: unknown): ListQuery & { readonly key: readonly string[] | undefined } {
  const { filter, sort, fields, limit, after, key } = parsed(listParameters, query, 'query');
  return { filter: filter === undefined ? undefined : jsonOf(filter, 'filter'), sort: sort === undefined ? [] : sortOf(sort), fields: namesOf(fields, 'fields'), limit, after, key: namesOf(key, 'key') };
}

const noParameters = { fields: undefined, key: undefined } as const;

export function itemQueryOf(query: unknown): { readonly fields: readonly string[] | undefined; readonly key: readonly string[] | undefined } {
  if (Object.keys(query as object).length === 0) return noParameters;
  const { fields, key } = parsed(itemParameters, query, 'query');
  return { fields: namesOf(fields, 'fields'), key: namesOf(key, 'key') };
}

function namesOf(text: string | undefined, field: string): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const list = text.startsWith('[') ? parsed(z.array(z.string()), jsonOf(text, field), field) : text.split(',');
  return list.map((name) => checked(name, field));
}

function sortOf(text: string): readonly SortField[] {
  const fields = text.startsWith('{')
    ? Object.entries(parsed(z.record(z.string(), z.union([z.literal(1), z.literal(-1)])), jsonOf(text, 'sort'), 'sort')).map(([name, direction]) => ({ name, isDescending: direction === -1 }))
    : text.split(',').map((name) => (name.startsWith('-') ? { name: name.slice(1), isDescending: true } : { name, isDescending: false }));
  if (fields.length > httpLimits.sortFields) throw new RequestError('sort', `at most ${httpLimits.sortFields} fields`);
  for (const { name } of fields) checked(name, 'sort');
  return fields;
}

function checked(name: string, field: string): string {
  if (name === '' || name.startsWith('$') || name.includes('\0')) throw new RequestError(field, `"${name}" names nothing`);
  return name;
}

function jsonOf(text: string, field: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RequestError(field, 'it is no JSON');
  }
  return value;
}
