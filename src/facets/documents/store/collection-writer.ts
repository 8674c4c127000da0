// How $out and $merge write.

import { equalValues } from '../../../values/bson/compare.ts';
import { objectIdNow } from '../../../values/bson/object-id.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import type { Batches, CollectionName, CollectionWriter, MergeItem, MergeRules } from '../pipelines/stage.ts';
import { lockFirst } from './candidates.ts';
import { assertTableWritable, refuseTable } from '../tables/assert-table-writable.ts';
import type { CollectionInfo } from './catalog.ts';
import { ensureCollection } from './collections.ts';
import { newCommandScope } from './command-scope.ts';
import { rowFor, rowOfDocument } from './document-rows.ts';
import { findCollection } from './lookup.ts';
import { assertUsable, namespaceOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inSingleUnit, inUnit } from './unit.ts';
import { writeBack } from './update.ts';
import { duplicateKeyError } from './duplicate-key.ts';
import { refusalOf } from './write-errors.ts';
import { insertSteps } from './write-steps.ts';

const batchRows = 1_000;

export function newCollectionWriter(context: StoreContext, operation: Operation): CollectionWriter {
  const written: Operation = { ...operation, retryable: undefined };
  return {
    newObjectId: objectIdNow,
    replaceAll: (target, documents, options) => replaceAll(context, written, { target, documents, options }),
    prepareMerge: (target, on) => prepareMerge(context, written, target, on),
    merge: (target, items, rules) => merge(context, written, { target, items, rules }),
  };
}

type Replacement = { readonly target: CollectionName; readonly documents: Batches; readonly options: Document | undefined };

async function replaceAll(context: StoreContext, operation: Operation, { target, documents, options }: Replacement): Promise<void> {
  if (options !== undefined) throw new DocumentError('CommandNotSupported', '$out to a time series collection is not supported: there are none');
  assertUsable(target);
  const info = await writable(context, operation, target);
  refuseTable(info, '$out');
  if (info.isCapped) throw new DocumentError(17_152, `namespace '${namespaceOf(target)}' is capped so it can't be used for $out`);
  const body = async (unit: Unit): Promise<Document> => {
    await unit.command(`delete from ${tableOf(target)}`);
    for await (const batch of documents) {
      for (let at = 0; at < batch.length; at += batchRows) await insertBatch(unit, info, batch.slice(at, at + batchRows));
    }
    return new Map();
  };
  await inSingleUnit(context.engine, operation, { target, body });
}

async function insertBatch(unit: Unit, info: CollectionInfo, documents: readonly Document[]): Promise<void> {
  const items = documents.map((document) => ({ row: rowFor(info, document.has('_id') || info.table !== undefined ? document : new Map<string, Value>([['_id', objectIdNow()], ...document])) }));
  try {
    await unit.execute(insertSteps(info, items));
  } catch (error) {
    throw refusalOf(error, info, documents[0]!);
  }
}

async function writable(context: StoreContext, operation: Operation, target: CollectionName): Promise<CollectionInfo> {
  const info = await ensureCollection(context, operation, target);
  if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
  assertTableWritable(info);
  return info;
}

async function prepareMerge(context: StoreContext, operation: Operation, target: CollectionName, on: readonly string[]): Promise<void> {
  assertUsable(target);
  const info = await findCollection(context, operation, target);
  if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
  if (info !== undefined) assertTableWritable(info);
  if (on.length === 1 && on[0] === '_id') return;
  const wanted = [...on].sort().join('\0');
  const isUnique = info?.indexes.some(({ specification }) => {
    const key = specification.get('key');
    return specification.get('unique') === true && !specification.has('partialFilterExpression') && key instanceof Map && [...key.keys()].sort().join('\0') === wanted;
  });
  if (isUnique !== true) throw new DocumentError(51_183, 'Cannot find index to verify that join fields will be unique');
}

type Merging = { readonly target: CollectionName; readonly items: readonly MergeItem[]; readonly rules: MergeRules };

async function merge(context: StoreContext, operation: Operation, { target, items, rules }: Merging): Promise<void> {
  const info = rules.whenNotMatched === 'insert' ? await writable(context, operation, target) : await findCollection(context, operation, target);
  if (info === undefined) {
    if (rules.whenNotMatched === 'fail' && items.length > 0) throw noMatch();
    return;
  }
  const body = async (unit: Unit): Promise<Document> => {
    for (const item of items) await mergeOne(unit, info, { item, rules });
    return new Map([['n', int32(items.length)]]);
  };
  await inUnit(context.engine, operation, { target, body });
}

async function mergeOne(unit: Unit, info: CollectionInfo, { item, rules }: { readonly item: MergeItem; readonly rules: MergeRules }): Promise<void> {
  const { on, whenMatched, whenNotMatched } = rules;
  const filters = on.map((path, index): Filter => ({ operator: '$eq', path: path.split('.'), value: item.key[index]! }));
  const matched = await lockFirst(unit, { info, filter: { operator: '$and', filters }, scope: newCommandScope() });
  if (matched === undefined) {
    if (whenNotMatched === 'fail') throw noMatch();
    if (whenNotMatched === 'insert') await insertBatch(unit, info, [item.document]);
    return;
  }
  if (whenMatched === 'keepExisting') return;
  if (whenMatched === 'fail') {
    const pattern: Document = new Map(on.map((path) => [path, int32(1)]));
    const index = info.indexes.find(({ specification }) => equalValues(specification.get('key'), pattern));
    throw duplicateKeyError(info, { index: index?.name ?? '_id_', pattern, document: item.document });
  }
  const document = withId(mergedWith(matched.document, item, whenMatched), matched.document);
  await writeBack(unit, info, [{ key: matched.key, row: rowFor(info, document, matched.document), before: matched.document, document, isReplacement: whenMatched === 'replace' }]);
}

function mergedWith(matched: Document, item: MergeItem, whenMatched: MergeRules['whenMatched']): Document {
  if (item.apply !== undefined) return item.apply(matched);
  return whenMatched === 'merge' ? new Map([...matched, ...item.document]) : item.document;
}

/** The merged document with the matched one's `_id`, which cannot change. */
function withId(document: Document, matched: Document): Document {
  const id = matched.get('_id');
  // A row without a key.
  if (id === undefined) return document;
  const own = document.get('_id');
  if (own === undefined) return new Map([['_id', id], ...document]);
  if (!Buffer.from(rowOfDocument(document).key).equals(rowOfDocument(matched).key)) {
    throw new DocumentError('ImmutableField', "$merge failed to update the matching document, did you attempt to modify the _id or the shard key? :: caused by :: Performing an update on the path '_id' would modify the immutable field '_id'");
  }
  return document;
}

function noMatch(): DocumentError {
  return new DocumentError('MergeStageNoMatchingDocument', '$merge could not find a matching document in the target collection for at least one document in the source collection');
}
