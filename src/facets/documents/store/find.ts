// find, count and distinct.

import { decodeDocument } from '../../../values/bson/decode.ts';
import { compareValues, hashKeyOf } from '../../../values/bson/compare.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { int32 } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { matchAll } from '../filters/filter.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { type SortPattern, naturalDirectionOf, parseSort } from '../sorts/parse-sort.ts';
import { sortKeysOf } from '../sorts/sort-keys.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { walkedIndex } from '../planner/walked-index.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { openCollection } from './open-collection.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { mapSource } from './residual-rows.ts';
import { type CommandScope, newCommandScope } from './command-scope.ts';
import { distinctValues, planDistinct } from './distinct-values.ts';
import { SourceCursor } from './document-cursor.ts';
import type { IndexPart } from './index-key.ts';
import { keyReader } from './index-keys.ts';
import { checkBounds, checkHint, naturalHint, withinBounds } from './hints.ts';
import { findCollection } from './lookup.ts';
import { assertUsable } from './names.ts';
import type { AggregateQuery, CountQuery, DistinctQuery, DocumentCursor, FindQuery, Operation } from './operations.ts';
import { projectorOf } from './projector.ts';
import { sourceOf } from './raw-source.ts';
import { keyOfFilter, readSingle } from './single-operations.ts';
import { withRecordId } from './record-ids.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { Query } from './query.ts';
import type { StoreContext } from './store-context.ts';
import { usableIndexes } from './usable-indexes.ts';
import { TailableCursor, assertTailable } from './tailable-cursor.ts';
import type { ParsedFind } from './parsed-find.ts';

/** How views are read: `find` and its like become pipelines. */
export type OpenAggregate = (operation: Operation, query: AggregateQuery) => Promise<DocumentCursor>;

/** Throws DocumentError, as MongoDB's `find` does. */
export function parseFind({ filter, projection, sort, skip, limit, hint, min, max, let: variables }: FindQuery): ParsedFind {
  const scope = newCommandScope(variables);
  const parsed = parseFilter(filter, scope.context);
  const natural = sort === undefined ? undefined : naturalDirectionOf(sort);
  const pattern = sort === undefined || sort.size === 0 || natural !== undefined ? undefined : parseSort(sort);
  const project = projection === undefined || projection.size === 0 ? undefined : projectorOf(projection, { filter: parsed, sort: pattern, isSorted: sort !== undefined && sort.size > 0, scope });
  checkBounds({ min, max });
  return {
    scope,
    project,
    query: {
      filter: parsed,
      sort: pattern,
      natural: natural ?? naturalHint(hint),
      skip: skip === undefined || skip === 0n ? undefined : skip,
      limit: limit === undefined || limit === 0n ? undefined : limit,
    },
  };
}

export async function find(context: StoreContext, operation: Operation, query: FindQuery, aggregate: OpenAggregate): Promise<DocumentCursor> {
  assertUsable(query.target);
  const parsed = parseFind(query);
  const info = await findCollection(context, operation, query.target);
  if (info === undefined) return new SourceCursor(sourceOf([]));
  if (info.kind === 'view') return await aggregate(operation, viewQuery(query));
  checkHint(info, query.hint);
  if (query.isTailable === true) {
    assertTailable(info, query.sort);
    return new TailableCursor(context, { operation, info, parsed });
  }
  const { scope } = parsed;
  const bounded = withinBounds(info, parsed.query, query);
  const project = shownAs(info, query, parsed);
  const hasRecordIds = query.showRecordId === true;
  const { filter } = bounded;
  const key = keyOfFilter(filter);
  const single = key !== undefined && bounded.skip === undefined && !hasRecordIds ? await readSingle(context, operation, { info, key, filter, scope }) : undefined;
  const rows = single === undefined ? openCollection(context, { operation, info, query: bounded, scope, hasRecordIds, allowDiskUse: query.allowDiskUse, isFewFirst: true }) : sourceOf(single === null ? [] : [single]);
  return new SourceCursor(project === undefined ? rows : mapSource(rows, project), { readsAhead: operation.transaction === undefined, atMost: mostOf(bounded, key) });
}

/** How many documents a query's plan is done after, in MongoDB: at its limit, and at one where all it does is to look up an `_id`. */
function mostOf({ filter, limit }: CollectionQuery, key: Buffer | undefined): number | undefined {
  if (filter.operator === '$eq' && key !== undefined) return 1;
  return limit === undefined ? undefined : Number(limit);
}

/** What becomes of each document: with `returnKey` its key in an index, with `showRecordId` its place. */
function shownAs(info: CollectionInfo, { returnKey, showRecordId, hint, sort, min, max, projection }: FindQuery, { project, query: { filter, sort: pattern } }: ParsedFind): ((document: Document) => Document) | undefined {
  const keysRead = (): ReturnType<typeof keyReader> => keyReader(info, { hint, sort, min, max, filter });
  if (returnKey === true) return keyAlone(keysRead(), pattern, projection);
  // Which index serves is looked at only where a projection shows its key.
  let keys: { readonly read: ReturnType<typeof keyReader> } | undefined;
  const indexKeyOf = (document: Document): Document | undefined => (keys ??= { read: keysRead() }).read?.(document);
  const shown = project === undefined ? undefined : (document: Document): Document => project(document, indexKeyOf);
  return showRecordId === true ? withRecordId(shown) : shown;
}

/** A document's key in the index, and of a projection the keys of the sort only. */
function keyAlone(keyOf: ReturnType<typeof keyReader>, pattern: SortPattern | undefined, projection: Document | undefined): (document: Document) => Document {
  const sortKeyFields = pattern === undefined ? [] : [...(projection ?? [])].flatMap(([name, value]) => (value instanceof Map && value.get('$meta') === 'sortKey' ? [name] : []));
  return (document) => {
    const shown: Document = new Map(keyOf?.(document));
    for (const name of sortKeyFields) shown.set(name, [...sortKeysOf(pattern!, document)]);
    return shown;
  };
}

/** Options of `find` that no pipeline has. Source: MongoDB 7.0, query_request_helper::asAggregationCommand. */
const notInPipelines = [
  ['min', 'Option min not supported in aggregation.'],
  ['max', 'Option max not supported in aggregation.'],
  ['returnKey', 'Option returnKey not supported in aggregation.'],
  ['showRecordId', 'Option showRecordId not supported in aggregation.'],
  ['isTailable', 'Tailable cursors are not supported in aggregation.'],
] as const satisfies readonly (readonly [keyof FindQuery, string])[];

/** `find` on a view, as the pipeline that it is. Throws DocumentError: InvalidPipelineOperator. */
export function viewQuery(query: FindQuery): AggregateQuery {
  for (const [option, text] of notInPipelines) {
    const value = query[option];
    if (value instanceof Map ? value.size > 0 : value === true) throw new DocumentError('InvalidPipelineOperator', text);
  }
  const { target, filter, sort, skip, limit, projection, hint, let: variables, allowDiskUse } = query;
  const pipeline: Value[] = [];
  const add = (name: string, value: Value): void => void pipeline.push(new Map([[name, value]]));
  if (filter.size > 0) add('$match', filter);
  if (sort !== undefined && sort.size > 0 && naturalDirectionOf(sort) === undefined) add('$sort', sort);
  if (skip !== undefined && skip > 0n) add('$skip', skip);
  if (limit !== undefined && limit > 0n) add('$limit', limit);
  if (projection !== undefined && projection.size > 0) add('$project', projection);
  return { database: target.database, collection: target.collection, pipeline, hint, let: variables, ...(allowDiskUse === undefined ? {} : { allowDiskUse }) };
}

export async function count(context: StoreContext, operation: Operation, query: CountQuery, aggregate: OpenAggregate): Promise<bigint> {
  assertUsable(query.target);
  const { filter, target, skip, limit, hint } = query;
  const parsed = parseFind({ target, filter, skip, limit });
  const info = await findCollection(context, operation, target);
  if (info === undefined) return 0n;
  if (info.kind === 'view') return await countView(operation, query, aggregate);
  checkHint(info, hint);
  return await countCollection(context, operation, { info, query: parsed.query, scope: parsed.scope });
}

/** How many documents a query over a collection has; rows pass through the gateway only where a residual has to see them. */
export async function countCollection(context: StoreContext, operation: Operation, { info, query, scope }: { readonly info: CollectionInfo; readonly query: CollectionQuery; readonly scope: CommandScope }): Promise<bigint> {
  const exact = planCollectionQuery(info, { ...query, sort: undefined }, { columns: '1' });
  if (Object.keys(exact.residual).length === 0) {
    const { text, parameters } = exact.query;
    const counting = new SqlCursor(context, {
      operation,
      query: { text: `select count(*) from (${text}) as documents`, parameters },
      read: (row) => row.int64(0),
    });
    const [total = 0n] = await counting.fetchAll();
    return total;
  }
  const rows = openCollection(context, { operation, info, query, scope });
  let total = 0n;
  while (!rows.isExhausted) total += BigInt((await rows.next(1_000)).length);
  return total;
}

async function countView(operation: Operation, query: CountQuery, aggregate: OpenAggregate): Promise<bigint> {
  const { database, collection, pipeline } = viewQuery(query);
  const cursor = await aggregate(operation, { database, collection, pipeline: [...pipeline, new Map([['$count', 'n']])] });
  const [bytes] = await cursor.next({ bytes: 1_024 });
  await cursor.close();
  const n = bytes === undefined ? int32(0) : decodeDocument(bytes).get('n');
  return typeof n === 'bigint' ? n : BigInt(n !== null && typeof n === 'object' && 'value' in n ? Number(n.value) : Number(n));
}

export async function distinct(context: StoreContext, operation: Operation, query: DistinctQuery, aggregate: OpenAggregate): Promise<Value[]> {
  const { target, key, filter } = query;
  const planned = await plannedDistinct(context, operation, query);
  const values = (planned && (await distinctValues(context, operation, planned))) ?? (await valuesOfDocuments(context, operation, query, aggregate));
  const index = filter.size === 0 ? await leadingIndex(context, operation, target, key) : undefined;
  return index === undefined ? values : values.sort((a, b) => (index.descending ? compareValues(b, a) : compareValues(a, b)));
}

/** How PostgreSQL gathers the values; undefined where it does not. */
export async function plannedDistinct(context: StoreContext, operation: Operation, { target, key, filter }: DistinctQuery): Promise<Query | undefined> {
  assertUsable(target);
  const { query } = parseFind({ target, filter });
  const info = await findCollection(context, operation, target);
  return info && planDistinct(info, key.split('.'), query);
}

async function valuesOfDocuments(context: StoreContext, operation: Operation, { target, key, filter }: DistinctQuery, aggregate: OpenAggregate): Promise<Value[]> {
  const cursor = await find(context, operation, { target, filter }, aggregate);
  const path = key.split('.');
  const found = new Map<string, Value>();
  while (!cursor.isExhausted) {
    for (const bytes of await cursor.next({ count: 1_000, bytes: 16 * 1_024 * 1_024 })) {
      for (const value of valuesAt(decodeDocument(bytes), path)) {
        const hash = hashKeyOf(value);
        if (!found.has(hash)) found.set(hash, value);
      }
    }
  }
  return [...found.values()];
}

/** An index by which all values of a field are found, one after the other: MongoDB's DISTINCT_SCAN. */
async function leadingIndex(context: StoreContext, operation: Operation, target: CollectionName, key: string): Promise<IndexPart | undefined> {
  const info = await findCollection(context, operation, target);
  const path = key.split('.');
  return info?.kind === 'collection' ? walkedIndex(usableIndexes(info, matchAll), matchAll, path)?.parts[0] : undefined;
}

/** The values that an index on the path would hold: arrays on the way and at its end stand for their elements. */
function* valuesAt(value: Maybe, path: readonly string[]): Generator<Value> {
  const [name, ...rest] = path;
  if (name === undefined) {
    if (Array.isArray(value)) yield* value;
    else if (value !== undefined) yield value;
    return;
  }
  if (value instanceof Map) yield* valuesAt(value.get(name), rest);
  else if (Array.isArray(value)) {
    if (/^\d+$/.test(name)) yield* valuesAt(value[Number(name)], rest);
    for (const element of value) if (element instanceof Map) yield* valuesAt(element.get(name), rest);
  }
}
