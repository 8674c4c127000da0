// How a command is declared: its name, its fields, where it may run, and what it does. `run` takes the fields as they were
// read, calls the facet and gives the body of the reply; it sees no socket, opens no transaction, formats no error.
//
// To add one: a file in commands/, a line in registry.ts. The page of compatibility is made from the same declarations.

import type { DocumentsApi, Operation } from '../../facets/documents/index.ts';
import type { Document } from '../../values/bson/types.ts';
import type { MongodbClient } from './client.ts';
import type { Interruption } from './interruption.ts';
import type { Fields, FieldValues } from './fields.ts';
import type { RawDocuments } from './raw-documents.ts';
import type { MongodbServer } from './server.ts';
import type { LogicalSession } from './sessions.ts';

/** What a command runs in. */
export type CommandContext = {
  readonly server: MongodbServer;
  readonly connection: MongodbClient;
  readonly documents: DocumentsApi;
  /** `$db`. */
  readonly database: string;
  readonly operation: Operation;
  readonly session: LogicalSession | undefined;
  /** `txnNumber`, where there is one. */
  readonly txnNumber: bigint | undefined;
  /** The name that the client used, for errors and replies that repeat it. */
  readonly name: string;
  readonly readConcernLevel: string | undefined;
  /** `maxTimeMS` in milliseconds. */
  readonly maxTimeMs: number | undefined;
  /** Ends the operation; cursors that it opens keep it. */
  readonly abort: Interruption;
  /** The command as it was sent. */
  readonly body: Document;
  /** Documents of a field as they were sent, from a sequence or from the body. */
  readonly rawDocuments: (name: string) => readonly Buffer[];
};

/** A reply: fields, and documents among them that stay the bytes that they are. */
export type Reply = Document | RawDocuments;

export type Command<F extends Fields = Fields> = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** The command's own field is named as it; `value` of the collection's name or 1. */
  readonly fields: F;
  /** Fields of which there are documents in sequences. */
  readonly sequences?: readonly string[];
  /** Before authentication too. */
  readonly anonymous?: true;
  /** On the database `admin` only. */
  readonly adminOnly?: true;
  /** In a transaction: not at all unless it is said here. */
  readonly inTransaction?: true;
  /** Takes `txnNumber` outside of a transaction, as a write that may be sent again. */
  readonly retryable?: true;
  /** Takes a write concern, or a read concern. */
  readonly concern?: 'read' | 'write' | 'both';
  /** Reads a snapshot, where the read concern asks for one. */
  readonly readsSnapshots?: true;
  /** In the stable API, version 1. */
  readonly apiVersion1?: true;
  /** Other fields are the command's own affair: they are looked for in the body. */
  readonly takesOthers?: true;
  readonly run: (fields: FieldValues<F>, context: CommandContext) => Promise<Reply> | Reply;
};

/** Declares a command; the types of `run`'s fields follow from `fields`. */
export function command<const F extends Fields>(declaration: Command<F>): Command {
  return declaration as unknown as Command;
}
