// Sorted set commands on several sets and sorted sets: union, intersection, difference, to the client or into a key.

import {
  type Aggregate, type Entry, type Operation, type ScoredCombination,
  combinedScored, countCommonMembers, entriesOf, storeCombinedScored,
} from '../../../facets/keyvalue/index.ts';
import { floatArgument, integerArgument, positiveArgument, wordOf } from '../arguments.ts';
import type { KeyCommand, KeyContext } from '../command.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { shapeFor, showScored } from '../scored-reply.ts';

export const zunion = answering('zunion', 'union');
export const zinter = answering('zinter', 'intersection');
export const zdiff = answering('zdiff', 'difference');

export const zunionstore = storing('zunionstore', 'union');
export const zinterstore = storing('zinterstore', 'intersection');
export const zdiffstore = storing('zdiffstore', 'difference');

export const zintercard: KeyCommand = (context, args) => {
  const { entries, options } = sources(context, 'zintercard', args);
  let limit = 0;
  for (let index = 0; index < options.length; index += 2) {
    if (wordOf(options[index]) !== 'LIMIT' || index + 1 === options.length) throw redisErrors.syntax;
    limit = positiveArgument(options[index + 1]!, negativeLimit);
  }
  return countCommonMembers(context.unit, entries, limit === 0 ? Number.POSITIVE_INFINITY : limit);
};

const negativeLimit = new RedisError("ERR LIMIT can't be negative");
const weightNotFloat = new RedisError('ERR weight value is not a float');

function answering(name: string, operation: Operation): KeyCommand {
  return (context, args) => {
    const { entries, options } = sources(context, name, args);
    const { weights, aggregate, withScores } = algebraOptions(options, entries.length, { operation, mayShowScores: true });
    return showScored(combinedScored(context.unit, combinationOf(operation, entries, weights, aggregate)), shapeFor(context.connection, withScores));
  };
}

function storing(name: string, operation: Operation): KeyCommand {
  return (context, [destinationKey, ...args]) => {
    const { unit, space } = context;
    const { entries, options } = sources(context, name, args, [destinationKey!]);
    const { weights, aggregate } = algebraOptions(options, entries.length, { operation, mayShowScores: false });
    const destination = unit.entry(space, destinationKey!);
    const hadKey = destination.kind !== undefined;
    const stored = storeCombinedScored(unit, destination, combinationOf(operation, entries, weights, aggregate));
    if (stored > 0) unit.note(space, 'z', name, destinationKey!);
    else if (hadKey) unit.note(space, 'g', 'del', destinationKey!);
    return stored;
  };
}

type Sources = { readonly entries: readonly (Entry | undefined)[]; readonly options: readonly Buffer[] };

/** The collections that `numkeys key [key …]` names. Redis looks at their types before it reads the options. */
function sources({ unit, space }: KeyContext, name: string, args: readonly Buffer[], others: readonly Buffer[] = []): Sources {
  const count = integerArgument(args[0]!);
  if (count < 1) throw new RedisError(`ERR at least 1 input key is needed for '${name}' command`);
  if (count > args.length - 1) throw redisErrors.syntax;
  const keys = args.slice(1, 1 + count);
  const entries = entriesOf(unit, space, [...keys, ...others]).slice(0, count);
  for (const { kind } of entries) if (kind !== undefined && kind !== 'zset' && kind !== 'set') throw redisErrors.wrongType;
  return { entries: entries.map((entry) => (entry.kind === undefined ? undefined : entry)), options: args.slice(1 + count) };
}

type AlgebraOptions = { readonly weights: readonly number[] | undefined; readonly aggregate: Aggregate; readonly withScores: boolean };

function algebraOptions(
  options: readonly Buffer[],
  setCount: number,
  { operation, mayShowScores }: { readonly operation: Operation; readonly mayShowScores: boolean },
): AlgebraOptions {
  let weights: number[] | undefined;
  let aggregate: Aggregate = 'sum';
  let withScores = false;
  for (let index = 0; index < options.length; index++) {
    const word = wordOf(options[index]);
    const left = options.length - index;
    if (word === 'WEIGHTS' && operation !== 'difference' && left > setCount) {
      weights = options.slice(index + 1, index + 1 + setCount).map((text) => floatArgument(text, weightNotFloat));
      index += setCount;
    } else if (word === 'AGGREGATE' && operation !== 'difference' && left > 1) aggregate = aggregateOf(options[++index]!);
    else if (word === 'WITHSCORES' && mayShowScores) withScores = true;
    else throw redisErrors.syntax;
  }
  return { weights, aggregate, withScores };
}

function aggregateOf(text: Buffer): Aggregate {
  const name = wordOf(text).toLowerCase();
  if (name !== 'sum' && name !== 'min' && name !== 'max') throw redisErrors.syntax;
  return name;
}

function combinationOf(operation: Operation, entries: readonly (Entry | undefined)[], weights: readonly number[] | undefined, aggregate: Aggregate): ScoredCombination {
  return { operation, sources: entries.map((entry, index) => ({ entry, weight: weights?.[index] ?? 1 })), aggregate };
}
