// A cursor that stays open at the end of a capped collection and goes on when there is more. It holds no connection: it knows
// the position that it has come to. Source: MongoDB's manual, "Tailable Cursors"; find_cmd.cpp, shouldSaveCursor.

import { decodeDocument } from '../../../values/bson/decode.ts';
import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { compileFilter } from '../filters/match.ts';
import type { CollectionInfo } from './catalog.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { collectionDropped } from './definition-past-cursors.ts';
import type { ParsedFind } from './parsed-find.ts';
import { tableOf } from './names.ts';
import type { CursorLimits, DocumentCursor, Operation } from './operations.ts';
import { bsonOf, bufferOf, documentColumns } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import { SqlParameters } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { isMissing } from './store-errors.ts';

const rowsAtOnce = 1_000;
/** Between looks for what was inserted elsewhere, while somebody waits. */
const pollMs = 100;

type Row = { readonly position: bigint; readonly bytes: Buffer };
type Opening = { readonly operation: Operation; readonly info: CollectionInfo; readonly parsed: ParsedFind };

export class TailableCursor implements DocumentCursor {
  readonly #context: StoreContext;
  readonly #opening: Opening;
  readonly #matches: (bytes: Buffer) => boolean;
  /** Of the last document that it has looked at. */
  #position = 0n;
  #toSkip: bigint;
  #left: bigint | undefined;
  /** Only where there was nothing at all to begin with. */
  isExhausted = false;

  constructor(context: StoreContext, opening: Opening) {
    this.#context = context;
    this.#opening = opening;
    const { query, scope } = opening.parsed;
    this.#toSkip = query.skip ?? 0n;
    this.#left = query.limit;
    const matches = compileFilter(query.filter);
    this.#matches = (bytes) => {
      const document = decodeDocument(bytes);
      return matches(document, scope.scopeFor(document));
    };
  }

  /** Waits up to `waitMs` where there is nothing. Throws DocumentError: CappedPositionLost, QueryPlanKilled. */
  async next({ waitMs = 0, ...limits }: CursorLimits): Promise<readonly Buffer[]> {
    const endsAt = Date.now() + waitMs;
    while (true) {
      const batch = await this.#read(limits);
      const leftMs = endsAt - Date.now();
      if (batch.length > 0 || this.isExhausted || leftMs <= 0 || limits.signal?.aborted === true) return batch;
      await this.#context.insertions.next(this.#opening.info.oid, Math.min(leftMs, pollMs), limits.signal);
    }
  }

  close(): Promise<void> {
    this.isExhausted = true;
    return Promise.resolve();
  }

  async #read({ count = Number.POSITIVE_INFINITY, bytes }: CursorLimits): Promise<readonly Buffer[]> {
    const newest = await this.#newest();
    const batch: Buffer[] = [];
    let size = 0;
    while (this.#position < newest && batch.length < count && this.#left !== 0n) {
      const wanted = Math.min(rowsAtOnce, count - batch.length);
      const rows = await this.#rows(newest, wanted);
      for (const { position, bytes: document } of rows) {
        if (batch.length > 0 && size + document.length > bytes) return batch;
        this.#position = position;
        if (!this.#matches(document) || this.#isSkipped()) continue;
        const shown = this.#shown(document);
        batch.push(shown);
        size += shown.length;
        if (this.#left !== undefined) this.#left -= 1n;
        if (batch.length >= count || this.#left === 0n) return batch;
      }
      // Fewer than were asked for: up to the newest, none is left that the filter of the statement lets through.
      if (rows.length < wanted) this.#position = newest;
    }
    return batch;
  }

  #isSkipped(): boolean {
    if (this.#toSkip === 0n) return false;
    this.#toSkip -= 1n;
    return true;
  }

  #shown(bytes: Buffer): Buffer {
    const { project } = this.#opening.parsed;
    return project === undefined ? bytes : bufferOf(project(decodeDocument(bytes)));
  }

  /** Positions become visible in their order: up to this one, all that will ever be there is there. */
  async #newest(): Promise<bigint> {
    const table = tableOf(this.#opening.info.target);
    const parameters = new SqlParameters();
    const own = parameters.bind('int8', this.#position);
    const text = `select coalesce(max(position), 0), exists (select from ${table} where position = ${own}) from ${table}`;
    const [found] = await this.#fetch({ text, parameters }, (row) => ({ newest: row.int64(0), isThere: row.bool(1) }));
    if (found === undefined || (this.#position === 0n && found.newest === 0n)) {
      this.isExhausted = true;
      return 0n;
    }
    if (this.#position > 0n && !found.isThere) {
      throw new DocumentError('CappedPositionLost', `CollectionScan died due to position in capped collection being deleted. Last seen record id: RecordId(${this.#position})`);
    }
    return found.newest;
  }

  async #rows(newest: bigint, count: number): Promise<Row[]> {
    const { info, parsed } = this.#opening;
    const { query } = planCollectionQuery(info, { filter: parsed.query.filter, natural: 1 }, { columns: `position, ${documentColumns()}` });
    const { text, parameters } = query;
    const [after, until, limit] = [this.#position, newest, BigInt(count)].map((value) => parameters.bind('int8', value));
    const wanted = `select * from (${text}) as documents where position > ${after} and position <= ${until} order by position limit ${limit}`;
    return await this.#fetch({ text: wanted, parameters }, (row) => ({ position: row.int64(0), bytes: bsonOf(row, 1) }));
  }

  async #fetch<T>(query: ConstructorParameters<typeof SqlCursor<T>>[1]['query'], read: ConstructorParameters<typeof SqlCursor<T>>[1]['read']): Promise<T[]> {
    const { role } = this.#opening.operation;
    try {
      return await new SqlCursor(this.#context, { operation: { role }, query, read }).fetchAll();
    } catch (error) {
      if (isMissing(error)) throw collectionDropped(this.#opening.info, error);
      throw error;
    }
  }
}

/** Throws DocumentError for what a tailable cursor cannot be. */
export function assertTailable({ isCapped, target }: CollectionInfo, sort: Document | undefined): void {
  if (isCapped) return;
  const sorted = sort === undefined || sort.size === 0 ? '{}' : '{ $natural: 1 }';
  throw new DocumentError('BadValue', `error processing query: ns=${target.database}.${target.collection}Tree: $and\nSort: ${sorted}\nProj: {}\n tailable cursor requested on non capped collection`);
}
