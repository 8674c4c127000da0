// Collections and databases: drop, rename, list, and their sizes.

import { DocumentError } from '../../../facets/documents/index.ts';
import { compileDocumentFilter } from '../listing-filter.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { type CommandContext, type Reply, command } from '../command.ts';
import { ownerOf } from '../cursor-owner.ts';
import { anyValue, bool, ignored, listingCursor, long, longWithin, object, optional, required, safeBool, text, unsupported, uuid } from '../fields.ts';
import { collectionName, parseNamespace } from '../names.ts';

export const drop = command({
  name: 'drop',
  summary: 'Removes a collection.',
  concern: 'write',
  apiVersion1: true,
  fields: { drop: required(collectionName), collectionUUID: optional(uuid) },
  run: async ({ drop: collection, collectionUUID }, { documents, operation, database }) => {
    if (collectionUUID !== undefined) await documents.assertExpectedCollection(operation, { database, collection }, collectionUUID);
    const count = await documents.dropCollection(operation, { database, collection });
    // Since 7.0 it is no error that there was none.
    return count === undefined ? new Map() : new Map<string, Value>([['nIndexesWas', int32(count)], ['ns', `${database}.${collection}`]]);
  },
});

export const dropDatabase = command({
  name: 'dropDatabase',
  summary: 'Removes a database with its collections.',
  concern: 'write',
  apiVersion1: true,
  fields: { dropDatabase: required(anyValue) },
  run: async ({ dropDatabase: value }, { documents, operation, database }) => {
    if (long(value, 'dropDatabase') !== 1n) throw new DocumentError(5_255_100, 'Have to pass 1 as the value of dropDatabase');
    return (await documents.dropDatabase(operation, database)) ? new Map([['dropped', database]]) : new Map();
  },
});

export const renameCollection = command({
  name: 'renameCollection',
  summary: 'Gives a collection another name.',
  concern: 'write',
  adminOnly: true,
  fields: { renameCollection: required(text), to: required(text), dropTarget: optional(safeBool, false), stayTemp: ignored('it is internal'), collectionUUID: optional(uuid) },
  run: async ({ renameCollection: from, to, dropTarget, collectionUUID }, { documents, operation }) => {
    if (collectionUUID !== undefined) await documents.assertExpectedCollection(operation, parseNamespace(from), collectionUUID);
    await documents.renameCollection(operation, { from: parseNamespace(from), to: parseNamespace(to), dropTarget });
    return new Map();
  },
});

export const listCollections = command({
  name: 'listCollections',
  summary: 'Lists the collections and views of a database.',
  apiVersion1: true,
  fields: {
    listCollections: required(anyValue),
    filter: optional(object),
    nameOnly: optional(safeBool, false),
    authorizedCollections: ignored('only what the role may see is listed in any case', safeBool),
    cursor: optional(listingCursor),
    includePendingDrops: ignored('it concerns replication', safeBool),
  },
  run: async ({ filter, nameOnly, cursor }, context) => {
    const { documents, operation, database } = context;
    const matches = compileDocumentFilter(filter);
    const entries = (await documents.listCollections(operation, database)).filter(matches);
    const shown = nameOnly ? entries.map((entry) => new Map<string, Value>([['name', entry.get('name')!], ['type', entry.get('type')!]])) : entries;
    return await listingReply(context, shown, { namespace: `${database}.$cmd.listCollections`, batchSize: cursor?.batchSize });
  },
});

/** A reply's cursor over documents that are at hand. */
export async function listingReply(context: CommandContext, entries: readonly Document[], { namespace, batchSize }: { readonly namespace: string; readonly batchSize: bigint | undefined }): Promise<Reply> {
  let at = 0;
  const source = {
    get isExhausted() {
      return at >= entries.length;
    },
    next: ({ count = entries.length }: { readonly count?: number | undefined }) => {
      const some = entries.slice(at, at + count).map((entry) => Buffer.from(encodeDocument(entry)));
      at += some.length;
      return Promise.resolve(some);
    },
    close: () => {
      at = entries.length;
      return Promise.resolve();
    },
  };
  return await context.server.cursors.firstBatch(source, ownerOf(context, namespace), { batchSize: batchSize === undefined ? entries.length + 1 : Number(batchSize) });
}

export const listDatabases = command({
  name: 'listDatabases',
  summary: 'Lists the databases.',
  adminOnly: true,
  apiVersion1: true,
  fields: { listDatabases: required(anyValue), filter: optional(object), nameOnly: optional(safeBool, false), authorizedDatabases: optional(bool) },
  run: async ({ filter, nameOnly }, { documents, operation }) => {
    const matches = compileDocumentFilter(filter);
    const databases = (await documents.listDatabases(operation)).filter(matches);
    const names: Document[] = databases.map((entry) => new Map([['name', entry.get('name')!]]));
    if (nameOnly) return new Map<string, Value>([['databases', names]]);
    const total = databases.reduce((sum, entry) => sum + BigInt(entry.get('sizeOnDisk') as bigint), 0n);
    return new Map<string, Value>([['databases', databases], ['totalSize', total], ['totalSizeMb', total / 1_048_576n]]);
  },
});

export const collStats = command({
  name: 'collStats',
  aliases: ['collstats'],
  summary: 'Tells the size of a collection.',
  concern: 'read',
  fields: { collStats: required(collectionName), scale: optional(longWithin({ atLeast: 1n }), 1n) },
  run: async ({ collStats: collection, scale }, { documents, operation, database }) => {
    return await documents.collectionStatistics(operation, { database, collection }, scale);
  },
});

export const dbStats = command({
  name: 'dbStats',
  aliases: ['dbstats'],
  summary: 'Tells the size of a database.',
  fields: { dbStats: required(anyValue), scale: optional(longWithin({ atLeast: 1n }), 1n), freeStorage: ignored('PostgreSQL does not tell free space cheaply', long) },
  run: async ({ scale }, { documents, operation, database }) => await documents.databaseStatistics(operation, database, scale),
});

export const dataSize = command({
  name: 'dataSize',
  aliases: ['datasize'],
  summary: 'Tells how much the documents of a collection take.',
  fields: {
    dataSize: required(collectionName),
    keyPattern: unsupported('the size of a range is not told'),
    min: unsupported('the size of a range is not told'),
    max: unsupported('the size of a range is not told'),
    estimate: optional(safeBool, false),
  },
  run: async ({ dataSize: namespace, estimate }, { documents, operation }) => {
    const startedAt = performance.now();
    const statistics = await documents.collectionStatistics(operation, parseNamespace(namespace), 1n);
    const millis = int32(Math.round(performance.now() - startedAt));
    return new Map<string, Value>([['estimate', estimate], ['size', statistics.get('size')!], ['numObjects', statistics.get('count')!], ['millis', millis]]);
  },
});
