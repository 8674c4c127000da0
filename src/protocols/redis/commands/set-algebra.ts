// Set commands on several sets: union, intersection, difference, to the client or into a key.

import { ElementRows, type Entry, type Operation, type Unit, combinedMembers, countCommonMembers, entriesOf, storeCombinedMembers } from '../../../facets/keyvalue/index.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Listing } from '../reply.ts';

export const sunion = answering('union');
export const sinter = answering('intersection');
export const sdiff = answering('difference');

export const sunionstore = storing('union', 'sunionstore');
export const sinterstore = storing('intersection', 'sinterstore');
export const sdiffstore = storing('difference', 'sdiffstore');

export const sintercard: KeyCommand = ({ unit, space }, args) => {
  const count = integerArgument(args[0]!, notEnoughKeys);
  if (count < 1) throw notEnoughKeys;
  if (count > args.length - 1) throw new RedisError("ERR Number of keys can't be greater than number of args");
  let limit = 0;
  for (let index = 1 + count; index < args.length; index += 2) {
    if (wordOf(args[index]) !== 'LIMIT' || index + 1 === args.length) throw redisErrors.syntax;
    limit = integerArgument(args[index + 1]!, negativeLimit);
    if (limit < 0) throw negativeLimit;
  }
  return countCommonMembers(unit, setsOf(unit, space, args.slice(1, 1 + count)), limit === 0 ? Number.POSITIVE_INFINITY : limit);
};

const notEnoughKeys = new RedisError('ERR numkeys should be greater than 0');
const negativeLimit = new RedisError("ERR LIMIT can't be negative");

function answering(operation: Operation): KeyCommand {
  return ({ unit, space }, keys) => {
    const members = combinedMembers(unit, operation, setsOf(unit, space, keys));
    return members instanceof ElementRows ? new Listing(members, 'set') : new Set(members);
  };
}

function storing(operation: Operation, event: string): KeyCommand {
  return ({ unit, space }, [destinationKey, ...keys]) => {
    const [destination] = entriesOf(unit, space, [destinationKey!, ...keys]);
    const hadKey = destination!.kind !== undefined;
    const stored = storeCombinedMembers(unit, destination!, operation, setsOf(unit, space, keys));
    if (stored > 0) unit.note(space, 's', event, destinationKey!);
    else if (hadKey) unit.note(space, 'g', 'del', destinationKey!);
    return stored;
  };
}

/** The sets of these keys, undefined where there is no key. */
function setsOf(unit: Unit, space: number, keys: readonly Buffer[]): (Entry | undefined)[] {
  return entriesOf(unit, space, keys).map((entry) => {
    if (entry.kind !== undefined && entry.kind !== 'set') throw redisErrors.wrongType;
    return entry.kind === undefined ? undefined : entry;
  });
}
