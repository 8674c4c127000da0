// What the stages that tell of the server are told.

import { hostname } from 'node:os';
import { statement } from '../../../engine/client.ts';
import { DateTime, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { PipelineStatistics, ServerListings } from '../pipelines/stage.ts';
import type { CollectionInfo } from './catalog.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { findCollection } from './lookup.ts';
import { namespaceOf } from './names.ts';
import type { Operation } from './operations.ts';
import { collectionStatistics } from './statistics.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

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
      const accesses = await indexAccesses(context, operation, info);
      return indexSpecificationsOf(info).map((specification) => {
        const name = specification.get('name')!;
        return new Map<string, Value>([['name', name], ['key', specification.get('key')!], ['host', hostname()], ['accesses', accesses(name)], ['spec', specification]]);
      });
    },
    ...listings,
  };
}

const readAccesses = statement(
  `select i.indexrelname::text as relation, x.indisprimary as is_primary, coalesce(i.idx_scan, 0)::float8 as scans,
          floor(extract(epoch from coalesce(d.stats_reset, pg_postmaster_start_time())) * 1000)::float8 as since
     from pg_stat_all_indexes i join pg_index x using (indexrelid), pg_stat_database d where i.relid = $1 and d.datname = current_database()`,
  ['oid'],
);

type Access = { readonly relation: string; readonly is_primary: boolean; readonly scans: number; readonly since: number };

/** How often PostgreSQL has scanned an index, and since when it counts. */
async function indexAccesses({ engine }: StoreContext, operation: Operation, { oid, indexes }: CollectionInfo): Promise<(name: Value) => Document> {
  const read = await onConnection(engine, operation, (connection) => connection.query(readAccesses, [oid]));
  const rows = read.map((row) => row as Access);
  return (name) => {
    const relation = indexes.find((index) => index.name === name)?.relation;
    const row = rows.find((candidate) => (relation === undefined ? candidate.is_primary : candidate.relation === relation));
    return new Map<string, Value>([['ops', BigInt(row?.scans ?? 0)], ...(row ? [['since', new DateTime(BigInt(row.since))] as [string, Value]] : [])]);
  };
}
