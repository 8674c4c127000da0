// What is left to be done with rows once PostgreSQL has given them.

import { decodeDocument } from '../../../values/bson/decode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import type { CollectionPlan } from './collection-query.ts';
import type { CommandScope } from './command-scope.ts';
import { assertNotAborted } from './command-scope.ts';
import type { Operation } from './operations.ts';
import type { RawSource } from './raw-source.ts';
import { bufferOf } from './rows.ts';
import { sortSource } from './sort-source.ts';
import { FileSpill } from './spill.ts';

/** Rows that are looked at in one go where most may not match. */
export const residualBatch = 500;

export type ResidualContext = { readonly scope: Pick<CommandScope, 'scopeFor'>; readonly operation: Operation; readonly allowDiskUse: boolean | undefined };

export function withResidual(rows: RawSource, { filter, sort, skip = 0n, limit }: CollectionPlan['residual'], context: ResidualContext): RawSource {
  const filtered = filter === undefined ? rows : filterSource(rows, filter, context);
  const sorted = sort === undefined ? filtered : sortSource(filtered, sort, { signal: context.operation.signal, newSpill: context.allowDiskUse === false ? undefined : () => new FileSpill() });
  return skip === 0n && limit === undefined ? sorted : sliceSource(sorted, Number(skip), limit === undefined ? undefined : Number(limit));
}

export function matcherOf(filter: Filter, scope: ResidualContext['scope']): (bytes: Buffer) => boolean {
  const matches = compileFilter(filter);
  return (bytes) => {
    const document = decodeDocument(bytes);
    return matches(document, scope.scopeFor(document));
  };
}

function filterSource(rows: RawSource, filter: Filter, { scope, operation }: ResidualContext): RawSource {
  const matches = matcherOf(filter, scope);
  return {
    async next(count) {
      const found: Buffer[] = [];
      while (found.length < count && !rows.isExhausted) {
        assertNotAborted(operation.signal);
        for (const bytes of await rows.next(Math.max(count, residualBatch))) if (matches(bytes)) found.push(bytes);
      }
      return found;
    },
    get isExhausted() {
      return rows.isExhausted;
    },
    close: () => rows.close(),
  };
}

function sliceSource(rows: RawSource, skip: number, limit: number | undefined): RawSource {
  let toSkip = skip;
  let left = limit ?? Number.POSITIVE_INFINITY;
  return {
    async next(count) {
      while (left > 0) {
        const some = await rows.next(Math.min(count, left + toSkip));
        if (some.length === 0) break;
        const kept = some.slice(toSkip, toSkip + Math.min(count, left));
        toSkip -= Math.min(toSkip, some.length);
        if (kept.length === 0) continue;
        left -= kept.length;
        if (left === 0) await rows.close();
        return kept;
      }
      left = 0;
      return [];
    },
    get isExhausted() {
      return left === 0 || rows.isExhausted;
    },
    close: () => rows.close(),
  };
}

/** Each document changed. */
export function mapSource(rows: RawSource, change: (document: Document, bytes: Buffer) => Document): RawSource {
  return {
    async next(count) {
      return (await rows.next(count)).map((bytes) => bufferOf(change(decodeDocument(bytes), bytes)));
    },
    get isExhausted() {
      return rows.isExhausted;
    },
    close: () => rows.close(),
  };
}
