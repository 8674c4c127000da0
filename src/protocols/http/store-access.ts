// What the routes over the store are given: the facets, who may use them, and the languages of the other protocols, which run
// there by the same rows as for their own clients.

import type { AccessTokens } from '../../access/access-tokens.ts';
import type { Authenticator, Principal } from '../../access/authenticator.ts';
import type { IdempotentRequests } from '../../access/idempotent-requests.ts';
import type { SharedTransactions, StoreTransaction } from '../../access/shared-transactions.ts';
import type { Relational, TableRows } from '../../facets/relational/index.ts';

/** A command's place: who runs it, and in which transaction. */
export type CommandPlace = { readonly role: string; readonly transaction?: StoreTransaction | undefined; readonly signal?: AbortSignal | undefined };

/** What a command on keys answers: numbers, texts, bytes, null, lists, and maps as `{ pairs }`. */
export type KeyReply = number | bigint | string | Uint8Array | boolean | null | readonly KeyReply[] | { readonly pairs: readonly (readonly [KeyReply, KeyReply])[] };

export type StoreAccess = {
  readonly relational: Relational;
  readonly tables: TableRows;
  readonly idempotent: IdempotentRequests;
  readonly transactions: SharedTransactions;
  readonly authenticator: Authenticator;
  readonly tokens: AccessTokens;
  /** Tells the engine what a role has just authenticated with. */
  readonly learnSecret: (principal: Principal) => void;
  /** Without authentication everybody is this role. */
  readonly defaultRole: string;
  readonly requiresAuthentication: boolean;
  /** A MongoDB command and its reply, both BSON; that of a command that failed too. */
  readonly documentCommand: (body: Buffer, place: CommandPlace) => Promise<Buffer>;
  /** A Redis command: its name and arguments. */
  readonly keyCommand: (request: readonly Buffer[], place: CommandPlace & { readonly database: number }) => Promise<KeyReply>;
};
