// What an upsert inserts where nothing matched: what the query says of equality, then the update, then an `_id`.

import type { Document, ObjectId, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { equalitiesOf } from '../filters/equalities.ts';
import { matchAll } from '../filters/filter.ts';
import type { Filter } from '../filters/filter.ts';
import { applyUpdate, withIdFirst } from './apply-update.ts';
import type { ApplyOptions } from './apply-update.ts';
import { assertSize, assertStorable } from './storage-rules.ts';
import type { Update } from './update.ts';

export type UpsertOptions = Omit<ApplyOptions, 'isInsert' | 'position' | 'filter'> & { /** Undefined where the store gives one of its own. */ readonly newId: () => ObjectId | undefined };

/**
 * The fields that a query gives to the document of an upsert, by dotted path: for a replacement only its `_id`.
 * Throws NotSingleValueField for a path that is given twice, NotExactValueField for a part of an `_id`,
 * QueryFeatureNotAllowed for `$expr`.
 */
export function equalitiesForUpsert(filter: Filter, update: Update): Document {
  refuseExpressions(filter);
  const equalities = equalitiesOf(update.kind === 'replacement' ? partsOnId(filter) : filter);
  const partOfId = equalities.find(({ path }) => path.length > 1);
  if (update.kind === 'replacement' && partOfId) {
    throw new DocumentError('NotExactValueField', `field at '_id' must be exactly specified, field at sub-path '${partOfId.path.join('.')}'found`);
  }
  return new Map(equalities.map(({ path, value }) => [path.join('.'), value]));
}

function refuseExpressions(filter: Filter): void {
  if (filter.operator === '$expr') throw new DocumentError('QueryFeatureNotAllowed', '$expr is not allowed in the query predicate for an upsert');
  if ('filters' in filter) filter.filters.forEach(refuseExpressions);
  else if ('filter' in filter) refuseExpressions(filter.filter);
}

/** The filter without what it says of other fields: those may contradict each other where they do not count. */
function partsOnId(filter: Filter): Filter {
  if (filter.operator === '$and' || (filter.operator === '$or' && filter.filters.length === 1)) return { ...filter, filters: filter.filters.map(partsOnId) };
  return 'path' in filter && filter.path[0] === '_id' ? filter : matchAll;
}

/**
 * The document to insert. `equalities` are those of `equalitiesForUpsert`.
 * Throws what `applyUpdate` throws, ImmutableField where the update gives another `_id` than the query, InvalidIdField, 17420.
 */
export function documentForUpsert(equalities: Document, update: Update, { newId, ...options }: UpsertOptions): Document {
  const given = documentOfEqualities(equalities);
  const { document } = applyUpdate(update, given, { ...options, isInsert: true });
  const id = document.has('_id') ? undefined : newId();
  const complete: Document = id === undefined ? withIdFirst(document) : new Map<string, Value>([['_id', id], ...document]);
  assertStorable(complete, { allowDollarFields: true });
  assertSize(complete, 'upsert');
  return complete;
}

function documentOfEqualities(equalities: Document): Document {
  const document: Document = new Map();
  for (const [name, value] of equalities) setAt(document, name.split('.'), value);
  return document;
}

/** Paths of equalities lead through each other's documents only: a path within another's value was refused. */
function setAt(document: Document, path: readonly string[], value: Value): void {
  const last = path.at(-1)!;
  let current = document;
  for (const part of path.slice(0, -1)) {
    const child = current.get(part);
    const next: Document = child instanceof Map ? child : new Map();
    if (next !== child) current.set(part, next);
    current = next;
  }
  current.set(last, value);
}
