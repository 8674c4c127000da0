// What PostgreSQL says of which transactions are over: pg_snapshot and xid8 ("Transaction ID and Snapshot Information
// Functions"). Transactions that changed nothing have no number, and do not show.

import type { DataRow } from './wire/backend-reader.ts';
import { statement } from './wire/statement.ts';

/** Which transactions a statement sees as ended, be it by a commit or not. */
export type Snapshot = {
  /** The number that the next transaction gets: all from here on are yet to come. */
  readonly next: number;
  /** Those before it that have not ended. Transactions within others (savepoints) are not among them. */
  readonly inProgress: readonly number[];
};

/** Gives one row of one column, for `snapshotOf`. */
export const readSnapshot = statement('select pg_current_snapshot()', []);

/** Gives the number of the transaction it runs in as `number`, null while that has changed or locked nothing. */
export const readTransaction = statement('select pg_current_xact_id_if_assigned()::text::int8 as number', []);

export function snapshotOf(row: DataRow): Snapshot {
  const bytes = row.bytes(0);
  const count = bytes.readUInt32BE(0);
  const inProgress = Array.from({ length: count }, (_, index) => Number(bytes.readBigUInt64BE(20 + 8 * index)));
  return { next: Number(bytes.readBigUInt64BE(12)), inProgress };
}

/** What `readTransaction` gives. */
export function transactionOf(row: DataRow): number | undefined {
  return row.isNull(0) ? undefined : row.safeInteger(0);
}

/** Whether a transaction has ended for whom a snapshot is. */
export function hasEnded(snapshot: Snapshot, transaction: number): boolean {
  return transaction < snapshot.next && !snapshot.inProgress.includes(transaction);
}

/** The transactions that have ended in a later snapshot and had not in an earlier one. */
export function* endedBetween(earlier: Snapshot, later: Snapshot): Generator<number> {
  for (const transaction of earlier.inProgress) if (hasEnded(later, transaction)) yield transaction;
  for (let transaction = earlier.next; transaction < later.next; transaction++) {
    if (!later.inProgress.includes(transaction)) yield transaction;
  }
}
