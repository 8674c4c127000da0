// What the hash commands do.

import {
  type Element, type Entry, type Field, type Unit,
  fieldsOf, hashToFill, putFields, randomDistinct, randomElement, randomWithRepeats, removeFields, rowsOfHash, valuesOf,
} from '../../../facets/keyvalue/index.ts';
import { bigintArgument, randomCountArgument, wordOf } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { scanCollection } from '../element-scan.ts';
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../long-double.ts';
import { isInt64, parseInt64 } from '../numbers.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Listing, Pairs, type Reply, ok } from '../reply.ts';

const notAnInteger = new RedisError('ERR hash value is not an integer');
const notAFloat = new RedisError('ERR hash value is not a float');
const infiniteChange = new RedisError('ERR value is NaN or Infinity');
const outOfRange = new RedisError('ERR value is out of range');

export const hdel: KeyCommand = ({ unit, space }, [key, ...fields]) => {
  const entry = unit.findKind(space, key!, 'hash');
  const removed = entry === undefined ? 0 : removeFields(unit, entry, fields);
  if (removed === 0) return 0;
  unit.note(space, 'h', 'hdel', key!);
  if (entry!.kind === undefined) unit.note(space, 'g', 'del', key!);
  return removed;
};

export const hexists: KeyCommand = ({ unit, space }, [key, field]) => {
  const entry = unit.findKind(space, key!, 'hash');
  return entry === undefined || unit.element(entry, field!) === undefined ? 0 : 1;
};

export const hget: KeyCommand = ({ unit, space }, [key, field]) => {
  const entry = unit.findKind(space, key!, 'hash');
  return entry === undefined ? null : (unit.element(entry, field!)?.value ?? null);
};

export const hmget: KeyCommand = ({ unit, space }, [key, ...fields]) => {
  const entry = unit.findKind(space, key!, 'hash');
  if (entry === undefined) return fields.map(() => null);
  return valuesOf(unit, entry, fields).map((value) => value ?? null);
};

export const hstrlen: KeyCommand = ({ unit, space }, [key, field]) => {
  const entry = unit.findKind(space, key!, 'hash');
  return entry === undefined ? 0 : (unit.element(entry, field!)?.value?.length ?? 0);
};

export const hlen: KeyCommand = ({ unit, space }, [key]) => unit.findKind(space, key!, 'hash')?.size ?? 0;

export const hgetall: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'hash');
  if (entry === undefined) return new Pairs([]);
  const rows = rowsOfHash(unit, entry, 'fieldsAndValues');
  return rows === undefined ? new Pairs(fieldsOf(unit, entry).map(pairOf)) : new Listing(rows, 'map');
};

export const hkeys: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'hash');
  if (entry === undefined) return [];
  const rows = rowsOfHash(unit, entry, 'fields');
  return rows === undefined ? fieldsOf(unit, entry).map(({ member }) => member) : new Listing(rows, 'array');
};

export const hvals: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'hash');
  if (entry === undefined) return [];
  const rows = rowsOfHash(unit, entry, 'values');
  return rows === undefined ? fieldsOf(unit, entry).map(({ value }) => value!) : new Listing(rows, 'array');
};

export const hset = settingFields('hset', (created) => created);
export const hmset = settingFields('hmset', () => ok);

function settingFields(name: string, replyFor: (created: number) => Reply): KeyCommand {
  return ({ unit, space }, [key, ...words]) => {
    if (words.length % 2 === 1) throw new RedisError(`ERR wrong number of arguments for '${name}' command`);
    const fields: Field[] = [];
    for (let index = 0; index < words.length; index += 2) fields.push({ field: words[index]!, value: words[index + 1]! });
    unit.findKind(space, key!, 'hash');
    const created = putFields(unit, hashToFill(unit, space, key!), fields);
    unit.note(space, 'h', 'hset', key!);
    return replyFor(created);
  };
}

export const hsetnx: KeyCommand = ({ unit, space }, [key, field, value]) => {
  const entry = unit.findKind(space, key!, 'hash');
  if (entry !== undefined && unit.element(entry, field!) !== undefined) return 0;
  putFields(unit, hashToFill(unit, space, key!), [{ field: field!, value: value! }]);
  unit.note(space, 'h', 'hset', key!);
  return 1;
};

export const hincrby: KeyCommand = ({ unit, space }, [key, field, change]) => {
  const by = bigintArgument(change!);
  const entry = unit.findKind(space, key!, 'hash');
  const current = entry === undefined ? undefined : unit.element(entry, field!)?.value;
  const before = current === undefined ? 0n : parseInt64(current);
  if (before === undefined) throw notAnInteger;
  const after = before + by;
  if (!isInt64(after)) throw redisErrors.increaseOverflow;
  putFields(unit, hashToFill(unit, space, key!), [{ field: field!, value: Buffer.from(String(after), 'latin1') }]);
  unit.note(space, 'h', 'hincrby', key!);
  return after;
};

export const hincrbyfloat: KeyCommand = ({ unit, space }, [key, field, change]) => {
  const by = parseLongDouble(change!);
  if (by === undefined) throw redisErrors.notAFloat;
  if (typeof by === 'string') throw infiniteChange;
  const entry = unit.findKind(space, key!, 'hash');
  const current = entry === undefined ? undefined : unit.element(entry, field!)?.value;
  const before = parseLongDouble(current ?? Buffer.from('0'));
  if (before === undefined) throw notAFloat;
  const sum = addLongDoubles(before, by);
  if (sum === undefined || typeof sum === 'string') throw redisErrors.nanOrInfinity;
  const after = Buffer.from(formatLongDouble(sum), 'latin1');
  putFields(unit, hashToFill(unit, space, key!), [{ field: field!, value: after }]);
  unit.note(space, 'h', 'hincrbyfloat', key!);
  return after;
};

export const hrandfield: KeyCommand = ({ unit, space, connection }, args) => {
  const [key, countText, withValues] = args;
  const count = countText === undefined ? undefined : randomCountArgument(countText);
  if (args.length > 3 || (withValues !== undefined && wordOf(withValues) !== 'WITHVALUES')) throw redisErrors.syntax;
  if (withValues !== undefined && Math.abs(count!) > 2 ** 62) throw outOfRange;
  const entry = unit.findKind(space, key!, 'hash');
  if (entry === undefined) return count === undefined ? null : [];
  if (count === undefined) return randomElement(unit, entry).member;
  const fields = pickFields(unit, entry, count);
  if (withValues === undefined) return fields.map(({ member }) => member);
  return connection.protocol === 3 ? fields.map(pairOf) : fields.flatMap(pairOf);
};

function pickFields(unit: Unit, entry: Entry, count: number): Element[] {
  if (count < 0) return randomWithRepeats(unit, entry, -count);
  // All of them come in their own order, as HGETALL gives them.
  return count >= entry.size ? fieldsOf(unit, entry) : randomDistinct(unit, entry, count);
}

export const hscan: KeyCommand = (context, args) => scanCollection(context, 'hash', args, ({ member, value }) => [member, value!]);

function pairOf({ member, value }: Element): [Buffer, Buffer] {
  return [member, value!];
}
