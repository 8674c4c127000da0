// What the store is asked for and what it answers: the shapes that protocols and the embedding API share.
// Source: MongoDB 7.0's manual, "Database Commands".

import type { StoreTransaction } from '../../../engine/store-transaction.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import type { CollectionName, ServerListings } from '../pipelines/stage.ts';

/** Who asks, within what. */
export type Operation = {
  /** The PostgreSQL role that it runs as. */
  readonly role: string;
  /** Tells its client from others; undefined where nobody knows. */
  readonly client?: number | undefined;
  /** The transaction that it is a part of, whoever opened that. */
  readonly transaction?: StoreTransaction | undefined;
  /** Ends the operation; its reason is the DocumentError to end with (MaxTimeMSExpired, Interrupted), or anything else. */
  readonly signal?: AbortSignal | undefined;
  /** `signal` will end it after a time: it cannot go in a group, which has no such end. */
  readonly isTimed?: boolean;
  /** A write with these that was done already answers with its first result, and does nothing again. */
  readonly retryable?: RetryableWrite | undefined;
};

export type RetryableWrite = {
  /** The logical session's id (`lsid.id`), sixteen bytes. */
  readonly session: Uint8Array;
  /** `txnNumber`. */
  readonly number: bigint;
};

export type FindQuery = {
  readonly target: CollectionName;
  readonly filter: Document;
  readonly projection?: Document | undefined;
  readonly sort?: Document | undefined;
  readonly skip?: bigint | undefined;
  /** Undefined or 0: no limit. */
  readonly limit?: bigint | undefined;
  /** An index's name, its keys, or `{$natural: ±1}`. */
  readonly hint?: Value | undefined;
  readonly min?: Document | undefined;
  readonly max?: Document | undefined;
  readonly returnKey?: boolean;
  /** Each with its place in the table as `$recordId`. */
  readonly showRecordId?: boolean;
  /** The cursor stays open at the end of a capped collection. */
  readonly isTailable?: boolean;
  readonly allowDiskUse?: boolean;
  readonly let?: Document | undefined;
};

export type AggregateQuery = {
  readonly database: string;
  /** Undefined for `aggregate: 1`. */
  readonly collection: string | undefined;
  readonly pipeline: readonly Value[];
  readonly hint?: Value | undefined;
  readonly allowDiskUse?: boolean;
  readonly let?: Document | undefined;
  /** For `$currentOp` and `$listSessions`. */
  readonly listings?: ServerListings;
};

export type CountQuery = {
  readonly target: CollectionName;
  readonly filter: Document;
  readonly skip?: bigint | undefined;
  readonly limit?: bigint | undefined;
  readonly hint?: Value | undefined;
};

export type DistinctQuery = {
  readonly target: CollectionName;
  /** A path. */
  readonly key: string;
  readonly filter: Document;
};

export type InsertRequest = {
  readonly target: CollectionName;
  /** BSON documents as the client sent them, validated. */
  readonly documents: readonly Buffer[];
  readonly ordered: boolean;
};

export type UpdateStatement = {
  readonly filter: Document;
  /** A replacement, operators, or a pipeline. */
  readonly update: Value;
  readonly constants?: Document | undefined;
  readonly upsert: boolean;
  readonly multi: boolean;
  readonly arrayFilters?: readonly Document[] | undefined;
  readonly hint?: Value | undefined;
};

export type UpdateRequest = {
  readonly target: CollectionName;
  readonly statements: readonly UpdateStatement[];
  readonly ordered: boolean;
  readonly let?: Document | undefined;
};

export type DeleteStatement = {
  readonly filter: Document;
  /** 1: the first that matches; 0: all. */
  readonly limit: 0 | 1;
  readonly hint?: Value | undefined;
};

export type DeleteRequest = {
  readonly target: CollectionName;
  readonly statements: readonly DeleteStatement[];
  readonly ordered: boolean;
  readonly let?: Document | undefined;
};

export type FindAndModifyRequest = {
  readonly target: CollectionName;
  readonly filter: Document;
  readonly sort?: Document | undefined;
  readonly projection?: Document | undefined;
  readonly remove: boolean;
  readonly update?: Value | undefined;
  /** The document as it is afterwards, not as it was. */
  readonly returnNew: boolean;
  readonly upsert: boolean;
  readonly arrayFilters?: readonly Document[] | undefined;
  readonly hint?: Value | undefined;
  readonly let?: Document | undefined;
};

/**
 * What a write answers, as the command's reply has it: `n`, for updates `nModified` and `upserted` (`{index, _id}`), and
 * `writeErrors` (`{index, code, errmsg, …}`) for statements that failed alone.
 */
export type WriteReply = Document;

export type CursorLimits = {
  readonly count?: number | undefined;
  readonly bytes: number;
  /** How long a tailable cursor waits at its end. */
  readonly waitMs?: number;
  /** Ends that waiting. */
  readonly signal?: AbortSignal;
};

/** The documents of a query, batch by batch. */
export type DocumentCursor = {
  /**
   * Up to `count` documents (undefined: as many as fit) and `bytes` bytes, at least one unless there are no more; each as
   * BSON. Throws DocumentError.
   */
  next(limits: CursorLimits): Promise<readonly Buffer[]>;
  /** No more documents will come: the last batch fell short, or reached the query's limit. */
  readonly isExhausted: boolean;
  /** Gives up what it holds. */
  close(): Promise<void>;
};
