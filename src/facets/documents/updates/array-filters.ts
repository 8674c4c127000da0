// The array filters of an update: `{'e.qty': {$gt: 1}}` says which elements `$[e]` stands for.

import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import { compileFilter } from '../filters/match.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import type { ElementTest } from './update.ts';

const prefix = 'Error parsing array filter :: caused by :: ';

/** By identifier. Throws FailedToParse and BadValue for filters without one, with several, or with a bad one. */
export function parseArrayFilters(filters: readonly Document[]): ReadonlyMap<string, ElementTest> {
  const tests = new Map<string, ElementTest>();
  for (const filter of filters) {
    const { identifier, test } = parseArrayFilter(filter);
    if (tests.has(identifier)) throw new DocumentError('FailedToParse', `Found multiple array filters with the same top-level field name ${identifier}`);
    tests.set(identifier, test);
  }
  return tests;
}

function parseArrayFilter(filter: Document): { identifier: string; test: ElementTest } {
  const matches = withPrefix(() => compileFilter(parseFilter(filter, newParseContext(), 'fields')));
  const [identifier, other] = new Set(topLevelFields(filter));
  if (other !== undefined) throw new DocumentError('FailedToParse', `${prefix}Expected a single top-level field name, found '${identifier}' and '${other}'`);
  if (identifier === undefined) throw new DocumentError('FailedToParse', 'Cannot use an expression without a top-level field name in arrayFilters');
  if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
    throw new DocumentError('BadValue', `${prefix}The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`);
  }
  return { identifier, test: (element) => matches(new Map([[identifier, element]])) };
}

function withPrefix<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DocumentError) throw new DocumentError(error.number, `${prefix}${error.details}`, { cause: error });
    throw error;
  }
}

function* topLevelFields(filter: Document): Generator<string, void, void> {
  for (const [name, value] of filter) {
    if (!name.startsWith('$')) yield name.split('.', 1)[0]!;
    else if (Array.isArray(value)) for (const part of value) if (part instanceof Map) yield* topLevelFields(part);
  }
}
