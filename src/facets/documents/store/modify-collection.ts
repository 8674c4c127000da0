// collMod: an index is hidden or expires otherwise, a view shows something else, a capped collection gets other bounds.
// Source: MongoDB 7.0, coll_mod.idl and coll_mod.cpp.

import { type Connection, statement } from '../../../engine/client.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { refuseTable } from '../tables/assert-table-writable.ts';
import { type CollectionInfo, commentOf, indexCommentOf, readCollection, viewDefinitionOf } from './catalog.ts';
import type { IndexInfo } from './index-info.ts';
import { inOneTransaction } from './collections.ts';
import { definePastCursors } from './definition-past-cursors.ts';
import { isIdKey } from './index-key.ts';
import { wrongChangedExpiry } from './index-specification.ts';
import { isSameKey } from './indexes.ts';
import { assertUsable, namespaceOf, schemaOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';
import { assertViewDefinition } from './view-definition.ts';

const cap = statement('select 1 from (select facetdb.cap($1::text::regclass, $2, $3)) as made', ['text', 'int8', 'int8']);

export type IndexChange = {
  readonly name: string | undefined;
  readonly keyPattern: Document | undefined;
  readonly expireAfterSeconds: bigint | undefined;
  readonly hidden: boolean | undefined;
};

export type CollectionChange = {
  readonly index: IndexChange | undefined;
  readonly viewOn: string | undefined;
  readonly pipeline: readonly Document[] | undefined;
  readonly cappedSize: bigint | undefined;
  readonly cappedMax: bigint | undefined;
  /** Options of collections that are as they were asked for in any case. */
  readonly harmless: readonly string[];
};

/** The body of the reply: what was, and what is. Throws DocumentError: NamespaceNotFound, IndexNotFound, InvalidOptions, BadValue. */
export async function modifyCollection(context: StoreContext, operation: Operation, { target, change }: { readonly target: CollectionName; readonly change: CollectionChange }): Promise<Document> {
  assertUsable(target);
  const reply = await onConnection(context.engine, operation, async (connection) => {
    const info = await readCollection(connection, target);
    if (info === undefined) throw new DocumentError('NamespaceNotFound', 'ns does not exist');
    refuseTable(info, 'collMod');
    assertChangeable(info, change);
    const make = async (): Promise<Document> => {
      const { index, viewOn, pipeline, cappedSize, cappedMax } = change;
      if (viewOn !== undefined || pipeline !== undefined) await changeView(connection, info, { viewOn, pipeline });
      if (cappedSize !== undefined || cappedMax !== undefined) await changeBounds(connection, info, { size: cappedSize, max: cappedMax });
      return index === undefined ? new Map<string, Value>() : await changeIndex(connection, info, index);
    };
    return await inOneTransaction(connection, operation, () => definePastCursors(context, operation, { connection }, make));
  });
  context.catalog.forget(target);
  return reply;
}

function assertChangeable({ kind, isCapped }: CollectionInfo, { index, viewOn, pipeline, cappedSize, cappedMax, harmless }: CollectionChange): void {
  if (kind === 'view') {
    if (harmless[0] !== undefined) refuse(`option not supported on a view: ${harmless[0]}`);
    if (index !== undefined) refuse('option not supported on a view: index');
    if (cappedSize !== undefined || cappedMax !== undefined) refuse(`option not supported on a view: ${cappedSize === undefined ? 'cappedMax' : 'cappedSize'}`);
    return;
  }
  if (viewOn !== undefined || pipeline !== undefined) refuse(`option only supported on a view: ${viewOn === undefined ? 'pipeline' : 'viewOn'}`);
  if ((cappedSize !== undefined || cappedMax !== undefined) && !isCapped) refuse('Collection must be capped.');
}

async function changeView(connection: Connection, { target, options }: CollectionInfo, { viewOn, pipeline }: Pick<CollectionChange, 'viewOn' | 'pipeline'>): Promise<void> {
  const changed = new Map(options);
  if (viewOn !== undefined) changed.set('viewOn', viewOn);
  if (pipeline !== undefined) changed.set('pipeline', [...pipeline]);
  await assertViewDefinition(connection, target, viewDefinitionOf(changed));
  await connection.command(`comment on view ${tableOf(target)} is ${quoteLiteral(commentOf(target, changed))}`);
}

async function changeBounds(connection: Connection, { target, options }: CollectionInfo, { size, max }: { readonly size: bigint | undefined; readonly max: bigint | undefined }): Promise<void> {
  const changed = new Map(options);
  if (size !== undefined) changed.set('size', whole((size + 255n) & ~255n));
  if (max !== undefined && max > 0n) changed.set('max', whole(max));
  else if (max !== undefined) changed.delete('max');
  await connection.query(cap, [tableOf(target), bound(changed.get('size')), bound(changed.get('max'))]);
  await connection.command(`comment on table ${tableOf(target)} is ${quoteLiteral(commentOf(target, changed))}`);
}

function bound(value: Value | undefined): bigint {
  return isNumeric(value) ? BigInt(toDouble(value)) : 0n;
}

function whole(value: bigint): Value {
  return value < 2n ** 31n ? int32(Number(value)) : value;
}

async function changeIndex(connection: Connection, info: CollectionInfo, change: IndexChange): Promise<Document> {
  const { expireAfterSeconds, hidden } = change;
  const { specification, relation } = indexFor(info, change);
  const changed = new Map(specification);
  const reply: Document = new Map();
  if (expireAfterSeconds !== undefined) {
    const seconds = Number(expireAfterSeconds);
    const [key, before] = [specification.get('key'), specification.get('expireAfterSeconds')];
    if (info.isCapped) refuse('TTL indexes are not supported for capped collections.');
    if (key instanceof Map && key.size > 1) refuse('TTL indexes are single-field indexes, compound indexes do not support TTL');
    if (before !== undefined) reply.set('expireAfterSeconds_old', before);
    changed.set('expireAfterSeconds', int32(seconds));
    reply.set('expireAfterSeconds_new', int32(seconds));
  }
  // To hide what is hidden is no change.
  if (hidden !== undefined && hidden !== specification.has('hidden')) {
    reply.set('hidden_old', !hidden).set('hidden_new', hidden);
    if (hidden) changed.set('hidden', true);
    else changed.delete('hidden');
  }
  await connection.command(`comment on index ${schemaOf(info.target.database)}.${quoteIdentifier(relation)} is ${quoteLiteral(indexCommentOf(changed))}`);
  return reply;
}

function refuse(details: string): never {
  throw new DocumentError('InvalidOptions', details);
}

/** Throws DocumentError: IndexNotFound, AmbiguousIndexKeyPattern, BadValue for the index on `_id`. */
function indexFor({ indexes, target }: CollectionInfo, { name, keyPattern, hidden, expireAfterSeconds }: IndexChange): IndexInfo {
  if (name !== undefined && keyPattern !== undefined) refuse('Cannot specify both key pattern and name.');
  if (name === undefined && keyPattern === undefined) refuse('Must specify either index name or key pattern.');
  if (expireAfterSeconds === undefined && hidden === undefined) refuse('no expireAfterSeconds, hidden, unique, or prepareUnique field');
  const wrong = expireAfterSeconds === undefined ? undefined : wrongChangedExpiry(expireAfterSeconds);
  if (wrong !== undefined) refuse(wrong);
  if (name === '_id_' || (keyPattern !== undefined && isIdKey(keyPattern))) {
    if (expireAfterSeconds !== undefined) refuse('the _id field does not support TTL indexes');
    throw new DocumentError('BadValue', "can't hide _id index");
  }
  const found = indexes.filter((index) => (keyPattern === undefined ? index.name === name : isSameKey(index.specification.get('key'), keyPattern)));
  const [first] = found;
  if (first === undefined) throw new DocumentError('IndexNotFound', `cannot find index ${keyPattern === undefined ? name : shellText(keyPattern)} for ns ${namespaceOf(target)}`);
  if (found.length > 1) throw new DocumentError('AmbiguousIndexKeyPattern', `index keyPattern ${shellText(keyPattern ?? null)} matches ${found.length} indexes, must use index name. Conflicting indexes: ${found.map(({ specification }) => shellText(specification)).join(', ')}`);
  return first;
}
