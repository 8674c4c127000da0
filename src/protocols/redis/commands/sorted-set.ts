// The sorted set commands.

import { type Command, oneKey } from '../command.ts';
import { block, double, integer, key, oneOf, pattern, text, word } from '../command-syntax.ts';
import { countedKeys, destinationAndCountedKeys } from '../counted-keys.ts';
import { allButKey, membersOfScores, secondArgument, thirdArgument } from '../named-elements.ts';
import { zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore } from './sorted-set-algebra.ts';
import { zadd, zcard, zincrby, zmscore, zrandmember, zrank, zrem, zrevrank, zscan, zscore } from './sorted-set-members.ts';
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from './sorted-set-pop.ts';
import {
  zcount, zlexcount, zrange, zrangebylex, zrangebyscore, zrangestore, zremrangebylex, zremrangebyrank, zremrangebyscore, zrevrange, zrevrangebylex,
  zrevrangebyscore,
} from './sorted-set-range.ts';

const limit = block('offset_count', [integer('offset'), integer('count')], { token: 'LIMIT', optional: true });
const weights = integer('weight', { token: 'WEIGHTS', optional: true, multiple: true });
const aggregate = oneOf('aggregate', [word('SUM'), word('MIN'), word('MAX')], { token: 'AGGREGATE', optional: true });

export const sortedSetCommands: readonly Command[] = [
  {
    name: 'bzmpop', group: 'sorted_set', since: '7.0.0', summary: 'Remove and return members with scores in a sorted set or block until one is available',
    complexity: 'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    syntax: [
      double('timeout'), integer('numkeys'), key('key', { multiple: true }), oneOf('where', [word('MIN'), word('MAX')]),
      integer('count', { token: 'COUNT', optional: true }),
    ],
    arity: -5, flags: ['write', 'blocking', 'movablekeys'], keys: countedKeys(2),
    run: bzmpop,
  },
  {
    name: 'bzpopmax', group: 'sorted_set', since: '5.0.0', summary: 'Remove and return the member with the highest score from one or more sorted sets, or block until one is available',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    syntax: [key('key', { multiple: true }), double('timeout')],
    arity: -3, flags: ['write', 'noscript', 'blocking', 'fast'], keys: { first: 1, last: -2, step: 1 },
    run: bzpopmax,
  },
  {
    name: 'bzpopmin', group: 'sorted_set', since: '5.0.0', summary: 'Remove and return the member with the lowest score from one or more sorted sets, or block until one is available',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    syntax: [key('key', { multiple: true }), double('timeout')],
    arity: -3, flags: ['write', 'noscript', 'blocking', 'fast'], keys: { first: 1, last: -2, step: 1 },
    run: bzpopmin,
  },
  {
    name: 'zadd', group: 'sorted_set', since: '1.2.0', summary: 'Add one or more members to a sorted set, or update its score if it already exists',
    complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    history: [
      ['2.4.0', 'Accepts multiple elements.'], ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'], ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    syntax: [
      key(), oneOf('condition', [word('NX'), word('XX')], { optional: true, since: '3.0.2' }),
      oneOf('comparison', [word('GT'), word('LT')], { optional: true, since: '6.2.0' }), word('CH', { name: 'change', optional: true, since: '3.0.2' }),
      word('INCR', { name: 'increment', optional: true, since: '3.0.2' }), block('score_member', [double('score'), text('member')], { multiple: true }),
    ],
    arity: -4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    elements: membersOfScores,
    run: zadd,
  },
  {
    name: 'zcard', group: 'sorted_set', since: '1.2.0', summary: 'Get the number of members in a sorted set',
    complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: zcard,
  },
  {
    name: 'zcount', group: 'sorted_set', since: '2.0.0', summary: 'Count the members in a sorted set with scores within the given values',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    syntax: [key(), double('min'), double('max')],
    arity: 4, flags: ['readonly', 'fast'], keys: oneKey,
    run: zcount,
  },
  {
    name: 'zdiff', group: 'sorted_set', since: '6.2.0', summary: 'Subtract multiple sorted sets',
    complexity: 'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    syntax: [integer('numkeys'), key('key', { multiple: true }), word('WITHSCORES', { optional: true })],
    arity: -3, flags: ['readonly', 'movablekeys'], keys: countedKeys(1),
    run: zdiff,
  },
  {
    name: 'zdiffstore', group: 'sorted_set', since: '6.2.0', summary: 'Subtract multiple sorted sets and store the resulting sorted set in a new key',
    complexity: 'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    syntax: [key('destination'), integer('numkeys'), key('key', { specification: 1, multiple: true })],
    arity: -4, flags: ['write', 'denyoom', 'movablekeys'], keys: destinationAndCountedKeys,
    reads: 'sources',
    run: zdiffstore,
  },
  {
    name: 'zincrby', group: 'sorted_set', since: '1.2.0', summary: 'Increment the score of a member in a sorted set',
    complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
    syntax: [key(), integer('increment'), text('member')],
    arity: 4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    elements: thirdArgument,
    run: zincrby,
  },
  {
    name: 'zinter', group: 'sorted_set', since: '6.2.0', summary: 'Intersect multiple sorted sets',
    complexity: 'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    syntax: [
      integer('numkeys'), key('key', { multiple: true }), weights,
      aggregate, word('WITHSCORES', { optional: true }),
    ],
    arity: -3, flags: ['readonly', 'movablekeys'], keys: countedKeys(1),
    run: zinter,
  },
  {
    name: 'zintercard', group: 'sorted_set', since: '7.0.0', summary: 'Intersect multiple sorted sets and return the cardinality of the result',
    complexity: 'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
    syntax: [integer('numkeys'), key('key', { multiple: true }), integer('limit', { token: 'LIMIT', optional: true })],
    arity: -3, flags: ['readonly', 'movablekeys'], keys: countedKeys(1),
    run: zintercard,
  },
  {
    name: 'zinterstore', group: 'sorted_set', since: '2.0.0', summary: 'Intersect multiple sorted sets and store the resulting sorted set in a new key',
    complexity: 'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    syntax: [
      key('destination'), integer('numkeys'), key('key', { specification: 1, multiple: true }),
      weights,
      aggregate,
    ],
    arity: -4, flags: ['write', 'denyoom', 'movablekeys'], keys: destinationAndCountedKeys,
    reads: 'sources',
    run: zinterstore,
  },
  {
    name: 'zlexcount', group: 'sorted_set', since: '2.8.9', summary: 'Count the number of members in a sorted set between a given lexicographical range',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    syntax: [key(), text('min'), text('max')],
    arity: 4, flags: ['readonly', 'fast'], keys: oneKey,
    run: zlexcount,
  },
  {
    name: 'zmpop', group: 'sorted_set', since: '7.0.0', summary: 'Remove and return members with scores in a sorted set',
    complexity: 'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    syntax: [
      integer('numkeys'), key('key', { multiple: true }), oneOf('where', [word('MIN'), word('MAX')]), integer('count', { token: 'COUNT', optional: true }),
    ],
    arity: -4, flags: ['write', 'movablekeys'], keys: countedKeys(1),
    run: zmpop,
  },
  {
    name: 'zmscore', group: 'sorted_set', since: '6.2.0', summary: 'Get the score associated with the given members in a sorted set',
    complexity: 'O(N) where N is the number of members being requested.',
    syntax: [key(), text('member', { multiple: true })],
    arity: -3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: allButKey,
    run: zmscore,
  },
  {
    name: 'zpopmax', group: 'sorted_set', since: '5.0.0', summary: 'Remove and return members with the highest scores in a sorted set',
    complexity: 'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    syntax: [key(), integer('count', { optional: true })],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    run: zpopmax,
  },
  {
    name: 'zpopmin', group: 'sorted_set', since: '5.0.0', summary: 'Remove and return members with the lowest scores in a sorted set',
    complexity: 'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    syntax: [key(), integer('count', { optional: true })],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    run: zpopmin,
  },
  {
    name: 'zrandmember', group: 'sorted_set', since: '6.2.0', summary: 'Get one or multiple random elements from a sorted set',
    complexity: 'O(N) where N is the number of elements returned',
    syntax: [key(), block('options', [integer('count'), word('WITHSCORES', { optional: true })], { optional: true })],
    arity: -2, flags: ['readonly'], keys: oneKey,
    run: zrandmember,
  },
  {
    name: 'zrange', group: 'sorted_set', since: '1.2.0', summary: 'Return a range of members in a sorted set',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    syntax: [
      key(), text('start'), text('stop'), oneOf('sortby', [word('BYSCORE'), word('BYLEX')], { optional: true, since: '6.2.0' }),
      word('REV', { optional: true, since: '6.2.0' }),
      block('offset_count', [integer('offset'), integer('count')], { token: 'LIMIT', optional: true, since: '6.2.0' }),
      word('WITHSCORES', { optional: true }),
    ],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrange,
  },
  {
    name: 'zrangebylex', group: 'sorted_set', since: '2.8.9', summary: 'Return a range of members in a sorted set, by lexicographical range',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
    syntax: [key(), text('min'), text('max'), limit],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrangebylex,
  },
  {
    name: 'zrangebyscore', group: 'sorted_set', since: '1.0.5', summary: 'Return a range of members in a sorted set, by score',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
    history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
    syntax: [
      key(), double('min'), double('max'), word('WITHSCORES', { optional: true, since: '2.0.0' }),
      limit,
    ],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrangebyscore,
  },
  {
    name: 'zrangestore', group: 'sorted_set', since: '6.2.0', summary: 'Store a range of members from sorted set into another key',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
    syntax: [
      key('dst'), key('src', { specification: 1 }), text('min'), text('max'), oneOf('sortby', [word('BYSCORE'), word('BYLEX')], { optional: true }),
      word('REV', { optional: true }), limit,
    ],
    arity: -5, flags: ['write', 'denyoom'], keys: { first: 1, last: 2, step: 1 },
    reads: 'sources',
    run: zrangestore,
  },
  {
    name: 'zrank', group: 'sorted_set', since: '2.0.0', summary: 'Determine the index of a member in a sorted set',
    complexity: 'O(log(N))',
    syntax: [key(), text('member')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: secondArgument,
    run: zrank,
  },
  {
    name: 'zrem', group: 'sorted_set', since: '1.2.0', summary: 'Remove one or more members from a sorted set',
    complexity: 'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
    history: [['2.4.0', 'Accepts multiple elements.']],
    syntax: [key(), text('member', { multiple: true })],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    elements: allButKey,
    run: zrem,
  },
  {
    name: 'zremrangebylex', group: 'sorted_set', since: '2.8.9', summary: 'Remove all members in a sorted set between the given lexicographical range',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    syntax: [key(), text('min'), text('max')],
    arity: 4, flags: ['write'], keys: oneKey,
    run: zremrangebylex,
  },
  {
    name: 'zremrangebyrank', group: 'sorted_set', since: '2.0.0', summary: 'Remove all members in a sorted set within the given indexes',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    syntax: [key(), integer('start'), integer('stop')],
    arity: 4, flags: ['write'], keys: oneKey,
    run: zremrangebyrank,
  },
  {
    name: 'zremrangebyscore', group: 'sorted_set', since: '1.2.0', summary: 'Remove all members in a sorted set within the given scores',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    syntax: [key(), double('min'), double('max')],
    arity: 4, flags: ['write'], keys: oneKey,
    run: zremrangebyscore,
  },
  {
    name: 'zrevrange', group: 'sorted_set', since: '1.2.0', summary: 'Return a range of members in a sorted set, by index, with scores ordered from high to low',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
    syntax: [key(), integer('start'), integer('stop'), word('WITHSCORES', { optional: true })],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrevrange,
  },
  {
    name: 'zrevrangebylex', group: 'sorted_set', since: '2.8.9', summary: 'Return a range of members in a sorted set, by lexicographical range, ordered from higher to lower strings.',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
    syntax: [key(), text('max'), text('min'), limit],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrevrangebylex,
  },
  {
    name: 'zrevrangebyscore', group: 'sorted_set', since: '2.2.0', summary: 'Return a range of members in a sorted set, by score, with scores ordered from high to low',
    complexity: 'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    syntax: [
      key(), double('max'), double('min'), word('WITHSCORES', { optional: true }),
      limit,
    ],
    arity: -4, flags: ['readonly'], keys: oneKey,
    run: zrevrangebyscore,
  },
  {
    name: 'zrevrank', group: 'sorted_set', since: '2.0.0', summary: 'Determine the index of a member in a sorted set, with scores ordered from high to low',
    complexity: 'O(log(N))',
    syntax: [key(), text('member')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: secondArgument,
    run: zrevrank,
  },
  {
    name: 'zscan', group: 'sorted_set', since: '2.8.0', summary: 'Incrementally iterate sorted sets elements and associated scores',
    complexity: 'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    syntax: [key(), integer('cursor'), pattern('pattern', { token: 'MATCH', optional: true }), integer('count', { token: 'COUNT', optional: true })],
    arity: -3, flags: ['readonly'], keys: oneKey,
    run: zscan,
  },
  {
    name: 'zscore', group: 'sorted_set', since: '1.2.0', summary: 'Get the score associated with the given member in a sorted set',
    complexity: 'O(1)',
    syntax: [key(), text('member')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: secondArgument,
    run: zscore,
  },
  {
    name: 'zunion', group: 'sorted_set', since: '6.2.0', summary: 'Add multiple sorted sets',
    complexity: 'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    syntax: [
      integer('numkeys'), key('key', { multiple: true }), weights,
      aggregate, word('WITHSCORES', { optional: true }),
    ],
    arity: -3, flags: ['readonly', 'movablekeys'], keys: countedKeys(1),
    run: zunion,
  },
  {
    name: 'zunionstore', group: 'sorted_set', since: '2.0.0', summary: 'Add multiple sorted sets and store the resulting sorted set in a new key',
    complexity: 'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    syntax: [
      key('destination'), integer('numkeys'), key('key', { specification: 1, multiple: true }),
      weights,
      aggregate,
    ],
    arity: -4, flags: ['write', 'denyoom', 'movablekeys'], keys: destinationAndCountedKeys,
    reads: 'sources',
    run: zunionstore,
  },
];
