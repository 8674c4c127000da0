// What the stages that tell of the server are told.

import { hostname } from 'node:os';
import { DateTime, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { PipelineStatistics, ServerListings } from '../pipelines/stage.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { findCollection } from './lookup.ts';
import { namespaceOf } from './names.ts';
import type { Operation } from './operations.ts';
import { collectionStatistics } from './statistics.ts';
import type { StoreContext } from './store-context.ts';

/** Of an operation that nobody listens to. */
const noListings: ServerListings = { operations: () => [], sessions: () => [] };

export function newPipelineStatistics(context: StoreContext, operation: Operation, listings = noListings): PipelineStatistics {
  return {
    collection: async (source, { count, storage, unsupported }) => {
      if (unsupported !== undefined) throw new DocumentError('CommandNotSupported', `$collStats: ${unsupported} is not supported: PostgreSQL keeps no such figures for single collections`);
      const info = await findCollection(context, operation, source);
      if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(source)} is a view, not a collection`);
      const entry: Document = new Map<string, Value>([['ns', namespaceOf(source)], ['host', hostname()], ['localTime', new DateTime(BigInt(Date.now()))]]);
      if (!count && storage === undefined) return [entry];
      if (info === undefined) {
        throw new DocumentError('NamespaceNotFound', `Unable to retrieve ${storage ? 'storageStats' : 'count'} in $collStats stage :: caused by :: Collection [${namespaceOf(source)}] not found.`);
      }
      const statistics = await collectionStatistics(context, operation, source, storage?.scale ?? 1n);
      if (storage) entry.set('storageStats', new Map([...statistics].filter(([field]) => field !== 'ns')));
      if (count) entry.set('count', statistics.get('count')!);
      return [entry];
    },
    indexes: async (source) => {
      const info = await findCollection(context, operation, source);
      if (info === undefined) return [];
      return indexSpecificationsOf(info).map((specification) =>
        new Map<string, Value>([['name', specification.get('name')!], ['key', specification.get('key')!], ['host', hostname()], ['accesses', new Map<string, Value>([['ops', 0n]])], ['spec', specification]]),
      );
    },
    ...listings,
  };
}

