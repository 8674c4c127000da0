// What INFO's keyspace_hits and keyspace_misses count and the event `keymiss` tells: whether the keys that a request looks
// up to read them were there ("lookupKeyRead" in Redis's db.c; what is looked up to be changed does not count).

import type { Blocked } from '../../facets/keyvalue/index.ts';
import { isFacetError } from '../../kernel/errors.ts';
import { type Command, type KeyCommand, type KeyContext, type KeyReads } from './command.ts';
import type { Reply } from './reply.ts';
import type { Statistics } from './statistics.ts';

type KeyLookups = {
  readonly hits: number;
  readonly misses: number;
  /** Those that the event is sent for. */
  readonly missed: readonly Buffer[];
  /** The number of events that came before. */
  readonly events: number;
};

type CountedRun = {
  readonly context: KeyContext;
  readonly keys: readonly Buffer[];
  /** Without the command's name. */
  readonly args: readonly Buffer[];
  readonly statistics: Statistics;
};

const noLookups: KeyLookups = { hits: 0, misses: 0, missed: [], events: 0 };
const oneHit: KeyLookups = { ...noLookups, hits: 1 };

/** Runs a command on keys, and counts. One whose group is carried out again, because another writer was quicker, counts twice. */
export function runCounting(command: Command & { readonly run: KeyCommand }, { context, keys, args, statistics }: CountedRun): Reply | Blocked {
  const lookups = lookupsOf(command, context, { keys, args });
  try {
    const reply = command.run(context, args);
    note(lookups, context, statistics);
    return reply;
  } catch (error) {
    // It was there, and was something else.
    if (isFacetError(error, 'wrong_kind')) note(lookups, context, statistics);
    throw error;
  }
}

/** What a request is about to find. It says so for keys that are known: where one is not, the request will run again. */
function lookupsOf(command: Command, { unit, space }: KeyContext, { keys, args }: Pick<CountedRun, 'keys' | 'args'>): KeyLookups {
  const reads = readsOf(command, args);
  if (reads === 'none') return noLookups;
  const looked = keysRead(keys, reads);
  if (looked.length === 1 && unit.has(space, looked[0]!)) return oneHit;
  const missed = looked.filter((key) => !unit.has(space, key));
  return { hits: looked.length - missed.length, misses: missed.length, missed: reads === 'quietly' ? [] : missed, events: unit.events.length };
}

function note({ hits, misses, missed, events }: KeyLookups, { unit, space }: KeyContext, statistics: Statistics): void {
  statistics.hits += hits;
  statistics.misses += misses;
  // A key is missed before the request changes any.
  if (missed.length > 0) unit.events.insert(events, missed.map((key) => ({ space, type: 'm', event: 'keymiss', key })));
}

function readsOf(command: Command, args: readonly Buffer[]): KeyReads {
  if (!('run' in command) || command.keys === undefined) return 'none';
  const { reads } = command;
  if (reads === undefined) return command.flags.includes('readonly') ? 'all' : 'none';
  return typeof reads === 'string' ? reads : reads(args);
}

function keysRead(keys: readonly Buffer[], reads: KeyReads): readonly Buffer[] {
  if (reads === 'all' || reads === 'quietly') return keys;
  return reads === 'first' ? keys.slice(0, 1) : keys.slice(1);
}
