// The commands about how long keys live.

import { type ExpiryTime, expiryTimeOf } from '../../../facets/keyvalue/index.ts';
import { wordOf, bigintArgument } from '../arguments.ts';
import { type Command, type KeyCommand, oneKey } from '../command.ts';
import { integer, key, oneOf, unixTime, word } from '../command-syntax.ts';
import { RedisError } from '../redis-error.ts';
import { invalidExpireTime } from '../set-options.ts';

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

type Condition = 'NX' | 'XX' | 'GT' | 'LT';

function parseConditions(words: readonly Buffer[]): ReadonlySet<Condition> {
  const conditions = new Set<Condition>();
  for (const word of words) {
    const condition = wordOf(word);
    if (condition !== 'NX' && condition !== 'XX' && condition !== 'GT' && condition !== 'LT') {
      throw new RedisError(`ERR Unsupported option ${word.toString('utf8').split('\0', 1)[0]}`);
    }
    conditions.add(condition);
  }
  if (conditions.has('NX') && conditions.size > 1) {
    throw new RedisError('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions.has('GT') && conditions.has('LT')) throw new RedisError('ERR GT and LT options at the same time are not compatible');
  return conditions;
}

/** A key without expiry counts as one that lives for ever. */
function areMet(conditions: ReadonlySet<Condition>, current: ExpiryTime | undefined, wanted: bigint): boolean {
  if (conditions.has('NX') && current !== undefined) return false;
  if (conditions.has('XX') && current === undefined) return false;
  if (conditions.has('GT') && (current === undefined || wanted <= current)) return false;
  return !(conditions.has('LT') && current !== undefined && wanted >= current);
}

type TimeForm = { readonly unitMs: 1 | 1000; readonly isRelative: boolean };

function expiring(command: string, { unitMs, isRelative }: TimeForm): KeyCommand {
  return ({ unit, space }, [key, time, ...options]) => {
    const conditions = parseConditions(options);
    const given = bigintArgument(time!) * BigInt(unitMs);
    const expiresAt = given + (isRelative ? BigInt(unit.nowMs) : 0n);
    if (given < int64Min || given > int64Max || expiresAt > int64Max) throw invalidExpireTime(command);
    const entry = unit.find(space, key!);
    if (entry === undefined || !areMet(conditions, entry.expiresAt, expiresAt)) return 0;
    if (expiresAt <= BigInt(unit.nowMs)) {
      unit.remove(entry);
      unit.note(space, 'g', 'del', key!);
    } else {
      unit.setExpiry(entry, expiryTimeOf(expiresAt));
      unit.note(space, 'g', 'expire', key!);
    }
    return 1;
  };
}

function telling({ unitMs, isRelative }: TimeForm): KeyCommand {
  return ({ unit, space }, [key]) => {
    const entry = unit.find(space, key!);
    if (entry === undefined) return -2;
    if (entry.expiresAt === undefined) return -1;
    const milliseconds = BigInt(entry.expiresAt) - (isRelative ? BigInt(unit.nowMs) : 0n);
    return expiryTimeOf(unitMs === 1 ? milliseconds : (milliseconds + 500n) / 1000n);
  };
}

const persist: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.find(space, key!);
  if (entry?.expiresAt === undefined) return 0;
  unit.setExpiry(entry, undefined);
  unit.note(space, 'g', 'persist', key!);
  return 1;
};

const condition = oneOf('condition', [word('NX'), word('XX'), word('GT'), word('LT')], { optional: true, since: '7.0.0' });

export const expiryCommands: readonly Command[] = [
  {
    name: 'expire', group: 'generic', since: '1.0.0', summary: "Set a key's time to live in seconds", complexity: 'O(1)',
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    syntax: [key(), integer('seconds'), condition],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    run: expiring('expire', { unitMs: 1000, isRelative: true }),
  },
  {
    name: 'expireat', group: 'generic', since: '1.2.0', summary: 'Set the expiration for a key as a UNIX timestamp', complexity: 'O(1)',
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    syntax: [key(), unixTime('unix-time-seconds'), condition],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    run: expiring('expireat', { unitMs: 1000, isRelative: false }),
  },
  {
    name: 'expiretime', group: 'generic', since: '7.0.0', summary: 'Get the expiration Unix timestamp for a key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true, keepsIdle: true,
    run: telling({ unitMs: 1000, isRelative: false }),
  },
  {
    name: 'persist', group: 'generic', since: '2.2.0', summary: 'Remove the expiration from a key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['write', 'fast'], keys: oneKey,
    run: persist,
  },
  {
    name: 'pexpire', group: 'generic', since: '2.6.0', summary: "Set a key's time to live in milliseconds", complexity: 'O(1)',
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    syntax: [key(), integer('milliseconds'), condition],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    run: expiring('pexpire', { unitMs: 1, isRelative: true }),
  },
  {
    name: 'pexpireat', group: 'generic', since: '2.6.0', summary: 'Set the expiration for a key as a UNIX timestamp specified in milliseconds', complexity: 'O(1)',
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    syntax: [key(), unixTime('unix-time-milliseconds'), condition],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    run: expiring('pexpireat', { unitMs: 1, isRelative: false }),
  },
  {
    name: 'pexpiretime', group: 'generic', since: '7.0.0', summary: 'Get the expiration Unix timestamp for a key in milliseconds', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true, keepsIdle: true,
    run: telling({ unitMs: 1, isRelative: false }),
  },
  {
    name: 'pttl', group: 'generic', since: '2.6.0', summary: 'Get the time to live for a key in milliseconds', complexity: 'O(1)',
    history: [['2.8.0', 'Added the -2 reply.']],
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true, keepsIdle: true,
    run: telling({ unitMs: 1, isRelative: true }),
  },
  {
    name: 'ttl', group: 'generic', since: '1.0.0', summary: 'Get the time to live for a key in seconds', complexity: 'O(1)',
    history: [['2.8.0', 'Added the -2 reply.']],
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true, keepsIdle: true,
    run: telling({ unitMs: 1000, isRelative: true }),
  },
];
