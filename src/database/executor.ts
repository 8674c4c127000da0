// What a database is reached through: the store in this process, or a server elsewhere over HTTP. Everything that programs
// call (SQL, collections, keys) is built on these few operations, so both ways offer the same.

import type { Document } from 'bson';
import type { SqlOutcome, SqlResult, SqlRow } from '../facets/relational/index.ts';
import type { PlainReply } from '../protocols/redis/plain-reply.ts';

/** Bounds on one operation. */
export type Bounds = {
  /** Cancels it; it fails with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Fails it with `statement_timeout` after that time. */
  readonly timeoutMs?: number | undefined;
};

/** PostgreSQL's isolation levels. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export type BeginOptions = {
  /** Default: serializable. */
  readonly isolation?: Isolation;
  readonly readOnly?: boolean;
};

/** Errors of all are FacetErrors. */
export interface Executor {
  query(text: string, values: readonly unknown[], bounds: Bounds): Promise<SqlResult>;
  stream(text: string, values: readonly unknown[], bounds: Bounds): AsyncIterable<readonly SqlRow[]>;
  copyFrom(text: string, source: AsyncIterable<Uint8Array>, bounds: Bounds): Promise<SqlOutcome>;
  copyTo(text: string, bounds: Bounds): AsyncIterable<readonly Uint8Array[]>;
  /** A MongoDB command and its reply, that of a command that failed too (`ok: 0`). */
  command(database: string, command: Document, bounds: Bounds): Promise<Document>;
  /** A Redis command: its name and arguments. */
  keys(request: readonly Uint8Array[], space: number, bounds: Bounds): Promise<PlainReply>;
}

/** An open transaction: whatever is asked of it is a part of it. */
export interface TransactionExecutor extends Executor {
  /** Lets other connections of the same role in, whatever their protocol. */
  share(): Promise<string>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** The root: what is asked of it directly is a transaction of its own. */
export interface StoreExecutor extends Executor {
  begin(options: BeginOptions): Promise<TransactionExecutor>;
  /** Works in the open transaction that has this token. Errors: `transaction_state`. */
  join(token: string): Promise<Executor>;
  /** The same store, acting as another role. Errors: `permission_denied` where that is not possible. */
  as(role: string): StoreExecutor;
}
