// Random commands on keys: a row a command, with all its options, now and then malformed. What is random by itself (SPOP, RANDOMKEY) is left
// out where it would change keys, and so is what depends on Redis's own memory (OBJECT ENCODING of a string that grew, REFCOUNT of a number).

import type { Comparison } from '../support/redis-transcript.ts';
import type { RandomWords, Words } from './words.ts';

export type RandomCommand = { readonly words: Words; readonly comparison: Comparison };

/** What stands behind the name. */
type Arguments = (words: RandomWords) => Words;
type Row = { readonly name: string; readonly comparison: Comparison; readonly args: Arguments };

const exact = (name: string, args: Arguments): Row => ({ name, comparison: 'exact', args });
const unordered = (name: string, args: Arguments): Row => ({ name, comparison: 'unordered', args });
const ofType = (name: string, args: Arguments): Row => ({ name, comparison: 'type', args });

const key: Arguments = (w) => [w.key()];
const keyAndMember: Arguments = (w) => [w.key(), w.member()];
const keyAndMembers: Arguments = (w) => [w.key(), ...w.several(w.member)];
const keys: Arguments = (w) => w.several(w.key);
const storedKeys: Arguments = (w) => [w.key(), ...w.several(w.key)];
const keyAndRange: Arguments = (w) => [w.key(), w.integer(), w.integer()];
const keyAndCount: Arguments = (w) => [w.key(), ...w.some(w.integer, 0, 1)];
const limit = (w: RandomWords): Words => ['LIMIT', w.integer(), w.integer()];
const aggregation = (w: RandomWords): Words => w.options(['WEIGHTS', ...w.several(w.score)], ['AGGREGATE', w.oneOf(['SUM', 'MIN', 'MAX', 'foo'])]);
const rangeBound = (w: RandomWords): string => w.oneOf([w.integer, w.score, w.lexBound])();
const rangeOptions = (w: RandomWords): Words => w.options(['BYSCORE'], ['BYLEX'], ['REV'], limit(w));
const side = (w: RandomWords): string => w.oneOf(['LEFT', 'right', 'LEFT', 'RIGHT', 'x']);

const strings: readonly Row[] = [
  exact('set', (w) => [
    w.key(), w.oneOf([w.member, w.integer, w.score])(),
    ...w.options(['NX'], ['XX'], ['GET'], ['KEEPTTL'], ['EX', w.lifetime()], ['PX', w.lifetime()], ['EXAT', w.moment()], ['PXAT', w.moment()]),
  ]),
  exact('get', key), exact('getdel', key), exact('getset', keyAndMember), exact('append', keyAndMember), exact('strlen', key), exact('setnx', keyAndMember),
  exact('getex', (w) => [w.key(), ...w.options(['EX', w.lifetime()], ['PERSIST'], ['PX', w.lifetime()], ['PXAT', w.moment()])]),
  exact('getrange', keyAndRange), exact('substr', keyAndRange), exact('setrange', (w) => [w.key(), w.oneOf(['0', '1', '5', '-1', 'x', '600000000']), w.member()]),
  exact('incr', key), exact('decr', key), exact('incrby', (w) => [w.key(), w.integer()]), exact('decrby', (w) => [w.key(), w.integer()]), exact('incrbyfloat', (w) => [w.key(), w.score()]),
  exact('mget', keys), exact('mset', (w) => w.pairs(w.key, w.member)), exact('msetnx', (w) => w.pairs(w.key, w.member)),
  exact('setex', (w) => [w.key(), w.lifetime(), w.member()]), exact('psetex', (w) => [w.key(), w.lifetime(), w.member()]),
  exact('lcs', (w) => [w.key(), w.key(), ...w.options(['LEN'], ['IDX'], ['MINMATCHLEN', w.integer()], ['WITHMATCHLEN'])]),
];

const bitType = (w: RandomWords): string => w.oneOf(['u8', 'i5', 'u63', 'i64', 'u64', 'u1', 'i0', 'x']);
const bitOffset = (w: RandomWords): string => w.oneOf(['0', '#1', '5', '-1', '#2', '3', 'x']);
const bitmaps: readonly Row[] = [
  exact('setbit', (w) => [w.key(), w.oneOf(['0', '1', '7', '8', '100', '-1', 'x', '4294967296']), w.oneOf(['0', '1', '2', 'x'])]),
  exact('getbit', (w) => [w.key(), w.integer()]),
  exact('bitcount', (w) => [w.key(), ...w.some(w.integer, 0, 2), ...w.options([w.oneOf(['BYTE', 'BIT', 'foo'])])]),
  exact('bitpos', (w) => [w.key(), w.oneOf(['0', '1', '2']), ...w.some(w.integer, 0, 2), ...w.options([w.oneOf(['BYTE', 'BIT', 'foo'])])]),
  exact('bitop', (w) => [w.oneOf(['AND', 'OR', 'XOR', 'NOT', 'foo']), ...storedKeys(w)]),
  exact('bitfield', (w) => [
    w.key(),
    ...w.some(() => '', 1, 3).flatMap(() => w.oneOf<Words>([
      ['GET', bitType(w), bitOffset(w)], ['SET', bitType(w), bitOffset(w), w.integer()], ['INCRBY', bitType(w), bitOffset(w), w.integer()], ['OVERFLOW', w.oneOf(['WRAP', 'SAT', 'FAIL', 'foo'])],
    ])),
  ]),
  exact('bitfield_ro', (w) => [w.key(), w.oneOf(['GET', 'GET', 'SET']), bitType(w), bitOffset(w)]),
];

const lists: readonly Row[] = [
  exact('lpush', keyAndMembers), exact('rpush', keyAndMembers), exact('lpushx', keyAndMembers), exact('rpushx', keyAndMembers), exact('lpop', keyAndCount), exact('rpop', keyAndCount),
  exact('llen', key), exact('lindex', (w) => [w.key(), w.integer()]), exact('lset', (w) => [w.key(), w.integer(), w.member()]), exact('lrange', keyAndRange), exact('ltrim', keyAndRange),
  exact('linsert', (w) => [w.key(), w.oneOf(['BEFORE', 'after', 'x']), w.member(), w.member()]), exact('lrem', (w) => [w.key(), w.integer(), w.member()]),
  // The least number of 64 bits has no opposite: what Redis makes of it as a rank is chance.
  exact('lpos', (w) => [w.key(), w.member(), ...w.options(['RANK', w.oneOf(['1', '2', '-1', '-2', '0', 'x', '9223372036854775807'])], ['COUNT', w.integer()], ['MAXLEN', w.integer()])]),
  exact('lmove', (w) => [w.key(), w.key(), side(w), side(w)]), exact('rpoplpush', (w) => [w.key(), w.key()]),
  exact('lmpop', (w) => [...w.countedKeys(), side(w), ...w.options(['COUNT', w.integer()])]),
];

/** With a number of 400 digits Redis keeps the fields in another way, and in no order. */
const shortScore = (w: RandomWords): string => w.score().replace('1e400', '1e40');
const hashes: readonly Row[] = [
  exact('hset', (w) => [w.key(), ...w.pairs(w.member, w.member)]), exact('hmset', (w) => [w.key(), ...w.pairs(w.member, w.member)]), exact('hsetnx', (w) => [w.key(), w.member(), w.member()]),
  exact('hget', keyAndMember), exact('hmget', keyAndMembers), exact('hdel', keyAndMembers), exact('hlen', key), exact('hstrlen', keyAndMember), exact('hexists', keyAndMember),
  exact('hincrby', (w) => [w.key(), w.member(), w.integer()]), exact('hincrbyfloat', (w) => [w.key(), w.member(), shortScore(w)]),
  exact('hgetall', key), exact('hkeys', key), exact('hvals', key),
  ofType('hrandfield', (w) => [w.key(), ...w.options([w.oneOf(['1', '-2', '0', 'x'])], [w.oneOf(['WITHVALUES', 'foo'])])]),
  unordered('hscan', (w) => [w.key(), w.oneOf(['0', '0', 'x']), 'COUNT', '1000', ...w.options(['MATCH', w.oneOf(['*', 'a*'])])]),
];

const sets: readonly Row[] = [
  exact('sadd', keyAndMembers), exact('srem', keyAndMembers), exact('sismember', keyAndMember), exact('smismember', keyAndMembers), exact('scard', key), exact('smove', (w) => [w.key(), w.key(), w.member()]),
  unordered('smembers', key), unordered('sinter', keys), unordered('sunion', keys), unordered('sdiff', keys),
  exact('sinterstore', storedKeys), exact('sunionstore', storedKeys), exact('sdiffstore', storedKeys), exact('sintercard', (w) => [...w.countedKeys(), ...w.options(['LIMIT', w.integer()])]),
  ofType('srandmember', (w) => [w.key(), ...w.options([w.oneOf(['1', '0', '-2', 'x'])])]), unordered('spop', (w) => [w.key(), w.oneOf(['100', '0', '-1', 'x'])]),
  unordered('sscan', (w) => [w.key(), '0', 'COUNT', '1000', ...w.options(['MATCH', w.oneOf(['*', 'a*'])])]),
];

const sortedSets: readonly Row[] = [
  exact('zadd', (w) => [w.key(), ...w.options(['NX'], ['XX'], ['GT'], ['LT'], ['CH'], ['INCR']), ...w.pairs(w.score, w.member)]), exact('zincrby', (w) => [w.key(), w.score(), w.member()]),
  exact('zrem', keyAndMembers), exact('zscore', keyAndMember), exact('zmscore', keyAndMembers), exact('zcard', key), exact('zrank', keyAndMember), exact('zrevrank', keyAndMember),
  exact('zcount', (w) => [w.key(), w.score(), w.score()]),
  exact('zrange', (w) => [w.key(), w.integer(), w.integer(), ...w.options(['REV'], ['WITHSCORES'], limit(w))]),
  exact('zrange', (w) => [w.key(), w.score(), w.score(), 'BYSCORE', ...w.options(['REV'], ['WITHSCORES'], limit(w))]),
  exact('zrevrange', (w) => [...keyAndRange(w), ...w.options([w.oneOf(['WITHSCORES', 'foo'])])]),
  exact('zrangebyscore', (w) => [w.key(), w.score(), w.score(), ...w.options(['WITHSCORES'], limit(w))]),
  exact('zrevrangebyscore', (w) => [w.key(), w.score(), w.score(), ...w.options(['WITHSCORES'], limit(w))]),
  // Of members with different scores what lies between two names is not defined: only whether that is an error.
  ofType('zlexcount', (w) => [w.key(), w.lexBound(), w.lexBound()]), ofType('zrangebylex', (w) => [w.key(), w.lexBound(), w.lexBound(), ...w.options(limit(w))]),
  ofType('zrevrangebylex', (w) => [w.key(), w.lexBound(), w.lexBound(), ...w.options(limit(w))]),
  ofType('zrange', (w) => [w.key(), rangeBound(w), rangeBound(w), ...rangeOptions(w)]),
  exact('zrangestore', (w) => [w.key(), w.key(), w.score(), w.score(), 'BYSCORE', ...w.options(['REV'], limit(w))]), exact('zrangestore', (w) => [w.key(), ...keyAndRange(w), ...w.options(['REV'])]),
  exact('zunionstore', (w) => [w.key(), ...w.countedKeys(), ...aggregation(w)]), exact('zinterstore', (w) => [w.key(), ...w.countedKeys(), ...aggregation(w)]), exact('zdiffstore', (w) => [w.key(), ...w.countedKeys()]),
  exact('zunion', (w) => [...w.countedKeys(), ...aggregation(w), ...w.options(['WITHSCORES'])]), exact('zinter', (w) => [...w.countedKeys(), ...aggregation(w), ...w.options(['WITHSCORES'])]),
  exact('zdiff', (w) => [...w.countedKeys(), ...w.options(['WITHSCORES'])]), exact('zintercard', (w) => [...w.countedKeys(), ...w.options(['LIMIT', w.integer()])]),
  exact('zpopmin', keyAndCount), exact('zpopmax', keyAndCount), exact('zmpop', (w) => [...w.countedKeys(), w.oneOf(['MIN', 'MAX', 'x']), ...w.options(['COUNT', w.integer()])]),
  exact('zremrangebyscore', (w) => [w.key(), w.score(), w.score()]), exact('zremrangebyrank', keyAndRange),
  ofType('zrandmember', (w) => [w.key(), ...w.options([w.oneOf(['1', '-2', '0', 'x'])], [w.oneOf(['WITHSCORES', 'foo'])])]),
  unordered('zscan', (w) => [w.key(), '0', 'COUNT', '1000']),
];

const expiryConditions = (w: RandomWords): Words => w.options(['NX'], ['XX'], ['GT'], ['LT']);
const generic: readonly Row[] = [
  exact('del', keys), exact('unlink', keys), exact('exists', keys), exact('touch', keys), exact('type', key), exact('rename', (w) => [w.key(), w.key()]), exact('renamenx', (w) => [w.key(), w.key()]),
  exact('copy', (w) => [w.key(), w.key(), ...w.options(['REPLACE'], ['DB', w.oneOf(['0', '1', 'x', '99'])])]), exact('move', (w) => [w.key(), w.oneOf(['0', '1', 'x', '99'])]),
  exact('expire', (w) => [w.key(), w.lifetime(), ...expiryConditions(w)]), exact('pexpire', (w) => [w.key(), w.lifetime(), ...expiryConditions(w)]),
  exact('expireat', (w) => [w.key(), w.moment(), ...expiryConditions(w)]), exact('pexpireat', (w) => [w.key(), w.moment(), ...expiryConditions(w)]),
  exact('persist', key), ofType('ttl', key), ofType('pttl', key), exact('object', (w) => [w.oneOf(['FREQ', 'foo']), w.key()]), ofType('object', (w) => ['REFCOUNT', w.key()]), exact('dbsize', () => []),
  exact('sort', (w) => [w.key(), ...w.options([w.oneOf(['ALPHA', 'ASC'])], ['DESC'], limit(w), ['GET', w.oneOf(['#', 's*', 'h*->b'])], ['STORE', w.key()])]),
  // A set that is not sorted has no order.
  ofType('sort', (w) => [w.key(), 'BY', 'nosort', ...w.options(['DESC'], limit(w), ['GET', w.oneOf(['#', 's*', 'h*->b'])])]),
  exact('sort_ro', (w) => [w.key(), ...w.options(['ALPHA'], ['DESC'], limit(w))]),
  unordered('keys', (w) => [w.oneOf(['*', 's*', '[hl]1', '?1', String.raw`x\1`, ''])]),
  unordered('scan', (w) => ['0', 'COUNT', '1000', ...w.options(['MATCH', w.oneOf(['s*', '*'])], ['TYPE', w.oneOf(['string', 'hash', 'foo'])])]),
  ofType('memory', (w) => ['USAGE', 'none', ...w.options(['SAMPLES', w.integer()])]),
];

/** They wait for no time worth mentioning, or within a transaction not at all. */
const blocking: readonly Row[] = [
  exact('blpop', (w) => ['l1', 'none', w.oneOf(['0.01', '-1', 'x', '1e400'])]), exact('brpop', (w) => [...w.several(w.key), '0.01']),
  exact('blmpop', (w) => ['0.01', ...w.countedKeys(), side(w), ...w.options(['COUNT', w.integer()])]), exact('blmove', (w) => [w.key(), w.key(), side(w), side(w), '0.01']), exact('brpoplpush', (w) => [w.key(), w.key(), '0.01']),
  exact('bzpopmin', (w) => [...w.several(w.key), w.oneOf(['0.01', '-1', 'x'])]), exact('bzmpop', (w) => ['0.01', ...w.countedKeys(), w.oneOf(['MIN', 'MAX', 'x'])]),
];

const families: readonly (readonly Row[])[] = [strings, bitmaps, lists, hashes, sets, sortedSets, generic, lists, sets, hashes, sortedSets];

/** Any command, one in fifty with a word too few, one in a hundred with a word too many. */
export function randomCommand(w: RandomWords): RandomCommand {
  const { name, comparison, args } = w.oneOf(w.isTrue(0.02) ? blocking : w.oneOf(families));
  let given = args(w);
  // Without its count SPOP takes what it likes.
  if (given.length > 0 && name !== 'spop' && w.isTrue(0.02)) given = given.slice(0, -1);
  if (w.isTrue(0.01)) given = [...given, w.member()];
  return { words: [w.isTrue(0.1) ? name.toUpperCase() : name, ...given], comparison };
}

/** Fills keys with what their names say, so that commands find something. */
export function fillingCommands(w: RandomWords): readonly RandomCommand[] {
  const filling: readonly Words[] = [
    ['rpush', 'l1', ...w.some(w.member, 1, 6)], ['rpush', 'l2', ...w.some(w.member, 1, 6)], ['sadd', 'e1', ...w.some(w.member, 1, 6)], ['sadd', 'e2', ...w.some(w.member, 1, 6)],
    ['zadd', 'z1', ...w.pairs(() => w.oneOf(['1', '2', '2.5', '-1']), w.member)], ['zadd', 'z2', ...w.pairs(() => w.oneOf(['1', '2', '2.5', '-1']), w.member)],
    ['hset', 'h1', ...w.pairs(w.member, w.member)], ['hset', 'h2', ...w.pairs(w.member, w.member)], ['set', 's1', w.member()], ['set', 'n1', w.oneOf(['1', '10', '-3'])],
  ];
  return filling.map((words) => ({ words, comparison: 'exact' }));
}
