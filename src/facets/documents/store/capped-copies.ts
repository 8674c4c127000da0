// convertToCapped and cloneCollectionAsCapped: a collection becomes a capped one, or is copied into one; of its documents the
// youngest stay that have room. Source: MongoDB 7.0, src/mongo/db/catalog/capped_utils.cpp.

import { type Connection, statement } from '../../../engine/client.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { refuseTable } from '../tables/assert-table-writable.ts';
import { type CollectionInfo, commentOf, readCollection } from './catalog.ts';
import { createTable, inOneTransaction } from './collections.ts';
import { collectionDropped, definePastCursors } from './definition-past-cursors.ts';
import { dropAllIndexes } from './indexes.ts';
import { assertCreatable, assertUsable, namespaceOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

const makeCapped = statement('select 1 from (select facetdb.make_capped($1::text::regclass, $2, 0)) as made', ['text', 'int8']);
const cap = statement('select 1 from (select facetdb.cap($1::text::regclass, $2, 0)) as made', ['text', 'int8']);

/** Its indexes but that on `_id` are gone afterwards, as in MongoDB. Throws DocumentError: NamespaceNotFound, CommandNotSupportedOnView. */
export async function convertToCapped(context: StoreContext, operation: Operation, { target, size }: { readonly target: CollectionName; readonly size: bigint }): Promise<void> {
  assertUsable(target);
  const options = cappedOptions(size);
  const bytes = bytesOf(size);
  await onConnection(context.engine, operation, async (connection) => {
    await inOneTransaction(connection, operation, async () => {
      const info = await readSource(connection, target, 'convertToCapped');
      await definePastCursors(context, operation, { connection, ending: collectionDropped(info) }, async () => {
        await dropAllIndexes(connection, info);
        await connection.query(info.isCapped ? cap : makeCapped, [tableOf(target), bytes]);
        await connection.command(`comment on table ${tableOf(target)} is ${quoteLiteral(commentOf(target, options))}; ${makeRoom(target)}`);
      });
    });
  });
  context.catalog.forget(target);
}

export type CappedCopy = { readonly from: CollectionName; readonly to: CollectionName; readonly size: bigint };

/** Throws DocumentError: NamespaceNotFound, NamespaceExists, CommandNotSupportedOnView. */
export async function cloneAsCapped({ engine, catalog }: StoreContext, operation: Operation, { from, to, size }: CappedCopy): Promise<void> {
  assertUsable(from);
  assertCreatable(to);
  await onConnection(engine, operation, async (connection) => {
    const info = await readSource(connection, from, 'cloneCollectionAsCapped');
    await inOneTransaction(connection, operation, async () => {
      if ((await readCollection(connection, to)) !== undefined) {
        throw new DocumentError('NamespaceExists', `cloneCollectionAsCapped failed - destination collection ${namespaceOf(to)} already exists. source collection: ${namespaceOf(from)}`);
      }
      await createTable(connection, to, cappedOptions(size));
      await connection.command(`insert into ${tableOf(to)} (id, doc, bson) select id, doc, bson from ${tableOf(from)} order by ${info.hasPositions ? 'position' : 'ctid'}`);
    });
  });
  catalog.forget(to);
}

async function readSource(connection: Connection, source: CollectionName, doing: string): Promise<CollectionInfo> {
  const info = await readCollection(connection, source);
  if (info === undefined) throw new DocumentError('NamespaceNotFound', `source collection ${namespaceOf(source)} does not exist`);
  if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `${doing} not supported for views: ${namespaceOf(source)}`);
  refuseTable(info, doing);
  return info;
}

/** The trigger of an insertion, here of nothing, removes what is too much. */
function makeRoom(target: CollectionName): string {
  return `insert into ${tableOf(target)} (${['id', 'doc', 'bson'].map(quoteIdentifier).join(', ')}) select id, doc, bson from ${tableOf(target)} where false`;
}

/** As MongoDB, in pieces of 256 bytes. */
function bytesOf(size: bigint): bigint {
  return (size + 255n) & ~255n;
}

function cappedOptions(size: bigint): Document {
  const bytes = bytesOf(size);
  return new Map<string, Value>([['capped', true], ['size', bytes < 2n ** 31n ? int32(Number(bytes)) : bytes]]);
}
