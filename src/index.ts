// FacetDB inside another program: the only door for those who embed it.

import { type Log, silentLog } from './kernel/log.ts';
import type { FacetError } from './kernel/errors.ts';
import { Server } from './server/server.ts';
import { type EmbeddingOptions, embeddingSettings } from './server/settings.ts';

export { connect, type ConnectOptions } from './database/connect.ts';
export { open, type OpenOptions } from './database/open.ts';
export { type Database, type DatabaseTransaction, type Models } from './database/database.ts';
export { type Collection } from './database/collection.ts';
export { type Filter, type OptionalId, type Update, type WithId } from './database/document-types.ts';
export { type DocumentIterator, type FindCursor } from './database/find-cursor.ts';
export { DocumentWriteError, type WriteError } from './database/document-errors.ts';
export { type KeyInput, type KeyValue } from './database/key-value.ts';
export { type SqlIdentifier, type SqlQuery, type SqlTag } from './database/sql.ts';
export { type TransactionOptions } from './database/run-transaction.ts';
export { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'bson';

export { type ErrorCode, FacetError, isFacetError } from './kernel/errors.ts';
export { type Log, type LogLevel, createLog, silentLog } from './kernel/log.ts';
export { version } from './kernel/version.ts';

export type StartSettings = EmbeddingOptions & {
  /** Where the server logs to. Default: nowhere. */
  readonly log?: Log;
};

export type RunningServer = {
  /** One ready-to-paste URL for each protocol (`postgres`, `http`), with the administrator's password where it is known. */
  readonly urls: Readonly<Record<string, string>>;
  /** Absolute; undefined with an external PostgreSQL. */
  readonly dataDir: string | undefined;
  /** How long the start took, in milliseconds. */
  readonly startMs: number;
  /** Stops in order, within seconds. Any number of calls have the effect of one. */
  stop(): Promise<void>;
  /** Resolves once stopped: with the error that made it stop, or undefined after `stop()`. Never rejects. */
  readonly closed: Promise<FacetError | undefined>;
};

/**
 * Starts a server in this process; options as on the command line, by their names in the configuration file.
 * Environment variables and configuration files are not read. Errors are FacetErrors; a failed start leaves nothing open.
 */
export async function start({ log = silentLog, ...options }: StartSettings = {}): Promise<RunningServer> {
  const server = await Server.start({ settings: embeddingSettings(options), log });
  for (const note of server.notes) log.warn(note);
  return server;
}
