// Rows that PostgreSQL has sorted by keys of which some are coarse: their neighbors are sorted once more here.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { compareSortKeys, sortKeysOf } from '../sorts/sort-keys.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionPlan } from './collection-query.ts';
import { type Fetching, fetchRows } from './fetch-rows.ts';
import type { Operation } from './operations.ts';
import { type RawSource, sourceOf } from './raw-source.ts';
import { residualBatch } from './residual-rows.ts';
import { bsonOf, lastingBsonOf } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { StoreContext } from './store-context.ts';

type Refining = {
  readonly operation: Operation;
  readonly plan: CollectionPlan;
  readonly fetching: Fetching;
  readonly pattern: SortPattern;
  /** The residual filter: what it leaves out must not be sorted, as that may be an error. */
  readonly matches: ((bytes: Buffer) => boolean) | undefined;
};

type Refined = { readonly rows: RawSource; readonly lastIsCoarse: () => boolean };

/**
 * Rows in PostgreSQL's order, in which neighbors with coarse keys are sorted once more. All rows that a coarse key could
 * belong between are neighbors, and coarse as well.
 */
export function openRefined(context: StoreContext, { operation, plan, fetching, pattern, matches }: Refining): Refined {
  const bytesOf = matches === undefined ? lastingBsonOf : bsonOf;
  const cursor = new SqlCursor(context, { operation, query: plan.query, read: (row: DataRow) => ({ bytes: bytesOf(row), isCoarse: row.bool(row.count - 1) }) });
  let run: Buffer[] = [];
  let lastIsCoarse = false;
  const endRun = (ready: Buffer[]): void => {
    if (run.length === 0) return;
    for (const bytes of inOrder(run, pattern)) ready.push(bytes);
    run = [];
  };
  const rows: RawSource = {
    async next(count) {
      const ready: Buffer[] = [];
      while (ready.length === 0 && !cursor.isExhausted) {
        for (const { bytes, isCoarse } of await fetchRows(cursor, fetching, count)) {
          if (matches?.(bytes) === false) continue;
          lastIsCoarse = isCoarse;
          if (isCoarse) run.push(bytes);
          else {
            endRun(ready);
            ready.push(bytes);
          }
        }
      }
      if (cursor.isExhausted) endRun(ready);
      return ready;
    },
    get isExhausted() {
      return cursor.isExhausted && run.length === 0;
    },
    close: () => cursor.close(),
  };
  return { rows, lastIsCoarse: () => lastIsCoarse };
}

function inOrder(documents: readonly Buffer[], pattern: SortPattern): Buffer[] {
  const compare = compareSortKeys(pattern);
  const entries = documents.map((bytes) => ({ bytes, keys: sortKeysOf(pattern, decodeDocument(bytes)) }));
  return entries.sort((a, b) => compare(a.keys, b.keys)).map(({ bytes }) => bytes);
}

/**
 * A limited query: its rows are held back until all are there. If the place of the last one is not certain, another that
 * the limit cut off might belong before it, and everything is sorted here.
 */
export function cautious({ rows, lastIsCoarse }: Refined, limit: number, sortedHere: () => RawSource): RawSource {
  let source: RawSource | undefined;
  const open = async (): Promise<RawSource> => {
    const all: Buffer[] = [];
    while (!rows.isExhausted) all.push(...(await rows.next(Math.min(limit + 1, residualBatch))));
    return all.length === limit && lastIsCoarse() ? sortedHere() : sourceOf(all);
  };
  return {
    async next(count) {
      source ??= await open();
      return await source.next(count);
    },
    get isExhausted() {
      return source?.isExhausted ?? false;
    },
    close: async () => {
      await rows.close();
      await source?.close();
    },
  };
}
