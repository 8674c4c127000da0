// What a Redis command is: a row of data with one function. COMMAND, ACL categories, key extraction, the dispatcher and
// the compatibility page all read the same row.

import { type Blocked, type KeyValue, type Unit, keyvalueLimits } from '../../facets/keyvalue/index.ts';
import type { Syntax } from './command-syntax.ts';
import type { Configuration } from './configuration.ts';
import type { RedisConnection } from './connection.ts';
import type { Reply } from './reply.ts';

const commandGroups = [
  'bitmap', 'cluster', 'connection', 'generic', 'geo', 'hash', 'hyperloglog', 'list', 'pubsub', 'scripting', 'server', 'set', 'sorted_set', 'stream', 'string', 'transactions',
] as const;
export type CommandGroup = (typeof commandGroups)[number];

/** As COMMAND INFO names them. */
export type CommandFlag =
  | 'write' | 'readonly' | 'denyoom' | 'admin' | 'pubsub' | 'noscript' | 'blocking' | 'loading' | 'stale' | 'skip_monitor'
  | 'skip_slowlog' | 'fast' | 'no_auth' | 'may_replicate' | 'no_multi' | 'movablekeys' | 'allow_busy' | 'no_async_loading' | 'asking';

/**
 * Which arguments are keys: from the first to the last (negative: from the end) in steps, as COMMAND INFO gives them
 * (the command's name is argument 0); or a function for those that COMMAND GETKEYS has to compute.
 */
export type KeyPositions = {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** The argument that says how many keys follow it. */
  readonly countAt?: number;
  /** For movable keys: the indexes of the keys in the request. Throws `RedisError` for a malformed one. */
  readonly find?: (request: readonly Buffer[]) => number[];
};

/** What commands on keys know of who asks: a connection, or a program that FacetDB runs in. */
export type KeyClient = {
  /** The protocol version, 2 or 3, for replies whose shape depends on it. */
  readonly protocol: number;
  readonly server: { readonly bulkBytes: number; readonly configuration: Configuration; readonly keyvalue: Pick<KeyValue, 'accesses'> };
};

/** What a command on keys gets. It runs on the unit: see `Unit` for the rule "read first, change afterwards". */
export type KeyContext = {
  readonly unit: Unit;
  /** The selected database. */
  readonly space: number;
  readonly connection: KeyClient;
  /** Within MULTI/EXEC nothing blocks. */
  readonly inTransaction: boolean;
};

/** Runs on keys: synchronous, repeatable, without effects but on the unit. `args` are without the command's name. */
export type KeyCommand = (context: KeyContext, args: readonly Buffer[]) => Reply | Blocked;

/** Runs in the gateway, on the connection and the server. */
export type LocalCommand = (connection: RedisConnection, args: readonly Buffer[]) => Reply | Promise<Reply>;

/** `sources`: all but the first, which is where the result goes. `quietly`: all, without an event for those that are missing. */
export type KeyReads = 'all' | 'quietly' | 'first' | 'sources' | 'none';

type CommandRow = {
  /** In lower case; a subcommand's with its container's: `config|get`. */
  readonly name: string;
  readonly group: CommandGroup;
  readonly since: string;
  readonly summary: string;
  readonly complexity?: string;
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** What changed, and when. */
  readonly history?: readonly (readonly [since: string, change: string])[];
  /** What may stand after the name. */
  readonly syntax?: readonly Syntax[];
  /** The number of arguments with the name; negative: at least so many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly keys?: KeyPositions;
  /** Shard channels, which a cluster keeps where keys of these names would be. */
  readonly channels?: KeyPositions;
};

export type Command = CommandRow &
  (
    | {
        readonly run: KeyCommand;
        /** Only the keys' rows matter, not elements (GET, EXISTS, TTL): one statement answers it. */
        readonly rowsOnly?: true;
        /** Elements of its first key that it looks at, which are fetched with the key. `args` may be malformed. */
        readonly elements?: (args: readonly Buffer[]) => readonly Buffer[];
        /** It replaces what its keys hold without looking at it. */
        readonly blind?: true | ((args: readonly Buffer[]) => boolean);
        /** Which of its keys it looks up to read them; of a `readonly` command all. INFO counts whether they were there. */
        readonly reads?: KeyReads | ((args: readonly Buffer[]) => KeyReads);
        /** It does not count as an access of its keys: OBJECT IDLETIME goes on. */
        readonly keepsIdle?: true;
        /** It looks at or changes the whole database (KEYS, FLUSHDB, SORT by patterns): nothing else is under way with it. */
        readonly allKeys?: true | ((args: readonly Buffer[]) => boolean);
      }
    | {
        readonly local: LocalCommand;
        /** It takes effect after the commands that its connection sent before it, which others may see (PUBLISH). */
        readonly ordered?: true;
        /** What its connection sends after it need not wait until it is done. */
        readonly pipelined?: true;
      }
    /** With `local`, what it does without a subcommand. */
    | { readonly subcommands: readonly Command[]; readonly local?: LocalCommand }
    /** Known and refused, with the reason. */
    | { readonly unsupported: string }
  );

/** One key as the first argument: what most commands have. */
export const oneKey: KeyPositions = { first: 1, last: 1, step: 1 };
/** All arguments are keys. */
export const allArguments: KeyPositions = { first: 1, last: -1, step: 1 };

/** The keys of a request (with the command's name). */
export function keysOf(command: Command, request: readonly Buffer[]): Buffer[] {
  const { keys } = command;
  if (keys === undefined) return [];
  if (keys.find !== undefined) return keys.find(request).map((index) => request[index]!);
  const last = keys.last < 0 ? request.length + keys.last : keys.last;
  const found: Buffer[] = [];
  for (let index = keys.first; index <= last && index < request.length; index += keys.step) found.push(request[index]!);
  return found;
}

/** Remembers that a command looks at keys now. */
export function noteAccesses(command: Command, keys: readonly Buffer[], { space, connection }: { readonly space: number; readonly connection: KeyClient }): void {
  if ('keepsIdle' in command && command.keepsIdle === true) return;
  for (const key of keys) connection.server.keyvalue.accesses.note(space, key);
}

/** True for a request that replaces what its keys hold unseen. */
export function isBlind(command: Command, args: readonly Buffer[]): boolean {
  const blind = 'blind' in command ? command.blind : undefined;
  return typeof blind === 'function' ? blind(args) : blind === true;
}

export function isWrite(command: Command): boolean {
  return command.flags.includes('write');
}

/** So much is sent that reading and writing it takes long. */
export function isLong(words: readonly Buffer[]): boolean {
  if (words.length > keyvalueLimits.longArguments) return true;
  let bytes = 0;
  for (const { length } of words) bytes += length;
  return bytes > keyvalueLimits.longBytes;
}

/** Without the command's name (and the container's). */
export function argumentsOf(command: Command, request: readonly Buffer[]): readonly Buffer[] {
  return request.slice(command.name.includes('|') ? 2 : 1);
}
