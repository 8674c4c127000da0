// What administrators and tools do with collections and their files. Source: MongoDB 7.0, validate_cmd.cpp, compact.cpp,
// collection_to_capped.cpp, dbhash.cpp, drop_indexes.cpp (reIndex), fsync.cpp, plan_cache_commands.cpp.

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { DocumentError } from '../../../facets/documents/index.ts';
import { Binary, int32, type Document, type Value } from '../../../values/bson/types.ts';
import { type CommandContext, command } from '../command.ts';
import { anyValue, arrayOf, ignored, long, object, optional, required, safeBool, text, unsupported } from '../fields.ts';
import { mongodbLimits } from '../limits.ts';
import { collectionName } from '../names.ts';

const noPlans = 'plans are PostgreSQL’s, which keeps them by itself';

export const validate = command({
  name: 'validate',
  summary: 'Reads every document of a collection, and counts the keys of its indexes.',
  takesOthers: true,
  fields: {
    validate: required(collectionName),
    full: ignored('everything is looked at in any case', safeBool),
    background: ignored('nothing is locked in any case', safeBool),
    checkBSONConformance: ignored('it is looked at in any case', safeBool),
    repair: unsupported('PostgreSQL repairs its indexes with REINDEX', (value) => value === false, safeBool),
    metadata: unsupported('the documents are looked at', (value) => value === false, safeBool),
  },
  run: async ({ validate: collection }, { documents, operation, database }) => {
    const { uuid, records, invalid, keysPerIndex } = await documents.validate(operation, { database, collection });
    const isValid = invalid === 0n;
    return new Map<string, Value>([
      ['ns', `${database}.${collection}`], ['uuid', new Binary(uuid, 4)], ['nInvalidDocuments', invalid], ['nNonCompliantDocuments', 0n], ['nrecords', records],
      ['nIndexes', int32(keysPerIndex.size)], ['keysPerIndex', keysPerIndex], ['valid', isValid], ['repaired', false], ['warnings', []],
      ['errors', isValid ? [] : [`Detected ${invalid} invalid documents. See logs.`]], ['extraIndexEntries', []], ['missingIndexEntries', []], ['corruptRecords', []],
    ]);
  },
});

export const compact = command({
  name: 'compact',
  summary: 'Gives back space of a collection that nothing uses (VACUUM).',
  takesOthers: true,
  fields: { compact: required(collectionName), force: ignored('it goes on beside reads and writes', safeBool) },
  run: async ({ compact: collection }, { documents, operation, database }) => new Map<string, Value>([['bytesFreed', int32(Math.min(await documents.compact(operation, { database, collection }), 0x7fff_ffff))]]),
});

/** Throws DocumentError: InvalidOptions. */
function cappedSize(size: bigint | undefined): bigint {
  if (size === undefined || size <= 0n) throw new DocumentError('InvalidOptions', 'Capped collection size must be greater than zero');
  return size;
}

export const convertToCapped = command({
  name: 'convertToCapped',
  summary: 'Makes a collection a capped one.',
  concern: 'write',
  takesOthers: true,
  fields: { convertToCapped: required(collectionName), size: optional(long) },
  run: async ({ convertToCapped: collection, size }, { documents, operation, database }) => {
    await documents.convertToCapped(operation, { database, collection }, cappedSize(size));
    return new Map();
  },
});

export const cloneCollectionAsCapped = command({
  name: 'cloneCollectionAsCapped',
  summary: 'Copies a collection into a capped one.',
  concern: 'write',
  takesOthers: true,
  fields: { cloneCollectionAsCapped: required(collectionName), toCollection: required(text), size: optional(long) },
  run: async ({ cloneCollectionAsCapped: from, toCollection: to, size }, { documents, operation, database }) => {
    await documents.cloneAsCapped(operation, { from: { database, collection: from }, to: { database, collection: to }, size: cappedSize(size) });
    return new Map();
  },
});

export const reIndex = command({
  name: 'reIndex',
  summary: 'Refused, as by every member of a replica set.',
  takesOthers: true,
  fields: { reIndex: required(collectionName) },
  run: () => {
    throw new DocumentError('IllegalOperation', 'reIndex is only allowed on a standalone mongod instance.');
  },
});

export const dbHash = command({
  name: 'dbHash',
  aliases: ['dbhash'],
  summary: 'Digests of the collections of a database, over their documents in the order of their ids.',
  concern: 'read',
  takesOthers: true,
  fields: { dbHash: required(anyValue), collections: optional(arrayOf(text)), excludeUUIDs: optional(safeBool, false) },
  run: async ({ collections: wanted, excludeUUIDs }, context) => {
    const startedAt = performance.now();
    const entries = await context.documents.listCollections(context.operation, context.database);
    const named = entries.filter((entry) => entry.get('type') === 'collection').map((entry) => ({ name: nameOf(entry), entry }));
    const chosen = named.filter(({ name }) => wanted === undefined || wanted.length === 0 || wanted.includes(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const digests: Document = new Map();
    const uuids: Document = new Map();
    const whole = createHash('md5');
    for (const { name, entry } of chosen) {
      const digest = await digestOf(context, name);
      digests.set(name, digest);
      whole.update(digest);
      const info = entry.get('info');
      if (info instanceof Map) uuids.set(name, info.get('uuid') ?? null);
    }
    return new Map<string, Value>([
      ['host', hostname()], ['collections', digests], ['capped', chosen.filter(({ entry }) => isCapped(entry)).map(({ name }) => name)], ...(excludeUUIDs ? [] : [['uuids', uuids] as [string, Value]]),
      ['md5', whole.digest('hex')], ['timeMillis', int32(Math.round(performance.now() - startedAt))],
    ]);
  },
});

function nameOf(entry: Document): string {
  const name = entry.get('name');
  return typeof name === 'string' ? name : '';
}

function isCapped(entry: Document): boolean {
  const options = entry.get('options');
  return options instanceof Map && options.get('capped') === true;
}

async function digestOf({ documents, operation, database }: CommandContext, collection: string): Promise<string> {
  const cursor = await documents.find(operation, { target: { database, collection }, filter: new Map(), sort: new Map([['_id', int32(1)]]) });
  const digest = createHash('md5');
  try {
    while (!cursor.isExhausted) for (const document of await cursor.next({ bytes: mongodbLimits.openBatchBytes })) digest.update(document);
  } finally {
    await cursor.close();
  }
  return digest.digest('hex');
}

export const fsync = command({
  name: 'fsync',
  summary: 'Every write that was acknowledged is on disk already.',
  adminOnly: true,
  takesOthers: true,
  fields: { fsync: required(anyValue), lock: unsupported('writes are not stopped: pg_dump and base backups need no lock', (value) => value === false, safeBool) },
  run: () => new Map([['numFiles', int32(1)]]),
});

export const planCacheClear = command({
  name: 'planCacheClear',
  summary: `Forgets nothing: ${noPlans}.`,
  takesOthers: true,
  fields: { planCacheClear: required(collectionName), query: optional(object), sort: optional(object), projection: optional(object) },
  run: ({ query, sort, projection }) => {
    if (query === undefined && (sort !== undefined || projection !== undefined)) throw new DocumentError('BadValue', 'sort or projection provided without query');
    return new Map();
  },
});

export const planCacheListFilters = command({
  name: 'planCacheListFilters',
  summary: `There are none: ${noPlans}.`,
  takesOthers: true,
  fields: { planCacheListFilters: required(collectionName) },
  run: () => new Map([['filters', []]]),
});

export const planCacheClearFilters = command({
  name: 'planCacheClearFilters',
  summary: `There are none to clear: ${noPlans}.`,
  takesOthers: true,
  fields: { planCacheClearFilters: required(collectionName), query: optional(object), sort: optional(object), projection: optional(object) },
  run: () => new Map(),
});
