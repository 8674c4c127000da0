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
const noListings: ServerListings = { host: hostname(), operations: () => [], sessions: () => [], latencies: () => new Map() };

export function newPipelineStatistics(context: StoreContext, operation: Operation, listings = noListings): PipelineStatistics {
  return {
    collection: async (source, { count, storage, latency, queryExecution }) => {
      const entry: Document = new Map<string, Value>([['ns', namespaceOf(source)], ['host', listings.host], ['localTime', new DateTime(BigInt(Date.now()))]]);
      if (latency) entry.set('latencyStats', listings.latencies(source, latency));
      const asked = storage ? 'storageStats' : count ? 'count' : queryExecution ? 'queryExecStats' : undefined;
      if (asked === undefined) return [entry];
      const info = await findCollection(context, operation, source);
      if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(source)} is a view, not a collection`);
      if (info === undefined) {
        throw new DocumentError('NamespaceNotFound', `Unable to retrieve ${asked} in $collStats stage :: caused by :: Collection [${namespaceOf(source)}] not found.`);
      }
      const statistics = storage || count ? await collectionStatistics(context, operation, source, storage?.scale ?? 1n) : undefined;
      if (storage) entry.set('storageStats', new Map([...statistics!].filter(([field]) => field !== 'ns')));
      if (count) entry.set('count', statistics!.get('count')!);
      if (queryExecution) entry.set('queryExecStats', await executionStatistics(context, operation, info));
      return [entry];
    },
    indexes: async (source) => {
      const info = await findCollection(context, operation, source);
      if (info === undefined) return [];
      const accesses = await indexAccesses(context, operation, info);
      return indexSpecificationsOf(info).map((specification) => {
        const name = specification.get('name')!;
        return new Map<string, Value>([['name', name], ['key', specification.get('key')!], ['host', listings.host], ['accesses', accesses(name)], ['spec', specification]]);
      });
    },
    /** There are none: plans are PostgreSQL's, which keeps them by itself. */
    plans: async (source) => {
      if ((await findCollection(context, operation, source)) === undefined) throw new DocumentError(50_933, `collection '${namespaceOf(source)}' does not exist`);
      return [];
    },
    ...listings,
  };
}

/** Documents come by the index of their positions where no other serves. */
const readScans = statement(
  `select (coalesce(t.seq_scan, 0) + coalesce((select sum(i.idx_scan) from pg_stat_all_indexes i where i.relid = t.relid and i.indexrelname like '$position.%'), 0))::float8 as scans
     from pg_stat_all_tables t where t.relid = $1`,
  ['oid'],
);

/** How often PostgreSQL has gone through all of a collection. It does not tell tailable cursors apart. */
async function executionStatistics({ engine }: StoreContext, operation: Operation, { oid }: CollectionInfo): Promise<Document> {
  const [row] = await onConnection(engine, operation, (connection) => connection.query(readScans, [oid]));
  const scans = BigInt((row as { scans: number } | undefined)?.scans ?? 0);
  return new Map<string, Value>([['collectionScans', new Map<string, Value>([['total', scans], ['nonTailable', scans]])]]);
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
