// What commands do with their keys, as COMMAND GETKEYSANDFLAGS tells it.

import type { Command } from './command.ts';

/** Commands, and the flags of their first key, second key and so on; the last of them holds for all that follow. */
const exceptions: readonly (readonly [commands: readonly string[], flags: readonly string[]])[] = [
  [['append', 'hsetnx', 'linsert', 'lpush', 'lpushx', 'rpush', 'rpushx', 'sadd'], ['RW insert']],
  [['bitfield'], ['RW access update variable_flags']],
  [['bitop', 'sdiffstore', 'sunionstore', 'zdiffstore', 'zinterstore', 'zrangestore', 'zunionstore'], ['OW update', 'RO access']],
  [['blmove', 'brpoplpush', 'lmove', 'rpoplpush', 'smove'], ['RW access delete', 'RW insert']],
  [['blmpop', 'blpop', 'brpop', 'bzmpop', 'bzpopmax', 'bzpopmin', 'getdel', 'lmpop', 'lpop', 'rpop', 'spop', 'zmpop', 'zpopmax', 'zpopmin'], ['RW access delete']],
  [['copy'], ['RO access', 'OW update']],
  [['del', 'unlink'], ['RM delete']],
  [['exists', 'hexists', 'hlen', 'hstrlen', 'llen', 'memory|usage', 'object|encoding', 'object|freq', 'object|idletime', 'object|refcount', 'scard', 'sismember', 'strlen', 'touch', 'type', 'watch', 'zcard'], ['RO']],
  [['expire', 'expireat', 'hmset', 'hset', 'lset', 'persist', 'pexpire', 'pexpireat', 'setrange', 'zadd'], ['RW update']],
  [['hdel', 'lrem', 'ltrim', 'srem', 'zrem', 'zremrangebylex', 'zremrangebyrank', 'zremrangebyscore'], ['RW delete']],
  [['mset', 'psetex', 'restore', 'set', 'setex'], ['OW update']],
  [['msetnx', 'setnx'], ['OW insert']],
  [['rename'], ['RW access delete', 'OW update']],
  [['renamenx'], ['RW access delete', 'OW insert']],
  [['sinterstore'], ['RW update', 'RO access']],
  [['sort'], ['RO access', 'OW update']],
  [['sort_ro'], ['RO access', 'RO access']],
];

const byName = new Map(exceptions.flatMap(([names, flags]) => names.map((name) => [name, flags] as const)));

/** The flags of the key that comes `index`th (from 0) in a request. */
export function keyFlagsOf({ name, flags }: Command, index: number, request: readonly Buffer[]): readonly string[] {
  if (name === 'bitfield' && request.length > 0) return readsBitsOnly(request.slice(2)) ? ['RO', 'access'] : ['RW', 'access', 'update'];
  // Its GET option reads the old value.
  if (name === 'set' && request.slice(3).some((word) => /^get$/iu.test(word.toString('latin1')))) return ['RW', 'access', 'update'];
  const own = byName.get(name);
  const found = own?.[Math.min(index, own.length - 1)] ?? (flags.includes('readonly') ? 'RO access' : 'RW access update');
  return found.split(' ');
}

/** What is wrong counts as a change: `bitfieldGetKeys` of Redis's db.c. */
function readsBitsOnly(operations: readonly Buffer[]): boolean {
  let index = 0;
  while (index < operations.length) {
    const length = { get: 3, overflow: 2 }[operations[index]!.toString('latin1').toLowerCase()];
    if (length === undefined || index + length > operations.length) return false;
    index += length;
  }
  return true;
}
