// What commands know of who sends them: a connection, or a program that FacetDB runs in.

import type { ScramLogin } from '../../access/authenticator.ts';
import type { StoreTransaction } from '../../access/shared-transactions.ts';
import type { Document } from '../../values/bson/types.ts';
import type { CommandContext } from './command.ts';
import type { Interruption } from './interruption.ts';

/** A command that is under way. */
export type RunningCommand = { readonly command: string; readonly body: Document; readonly abort: Interruption; readonly context: CommandContext };

export interface MongodbClient {
  readonly id: number;
  /** The role that it acts as; undefined before authentication. */
  role: string | undefined;
  /** The role is one that may see what others do. */
  isSuperuser: boolean;
  /** A login between its two steps. */
  login: { readonly conversationId: number; readonly scram: ScramLogin; isProven: boolean } | undefined;
  /** What the client says of itself in its first hello. */
  clientMetadata: Document | undefined;
  appName: string | undefined;
  running: (RunningCommand & { readonly startedAtMs: number; readonly opId: number }) | undefined;
  /** The client's address, without its port. */
  readonly host: string;
  readonly address: string;
  /** The transaction that its commands are a part of, where they do not begin one themselves. */
  readonly transaction?: StoreTransaction | undefined;
  started(running: RunningCommand): void;
  /** The command that was started last has ended. */
  ended(): void;
}
