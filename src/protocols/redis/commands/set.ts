// The set commands.

import { type Command, allArguments, oneKey } from '../command.ts';
import { integer, key, pattern, text } from '../command-syntax.ts';
import { countedKeys } from '../counted-keys.ts';
import { allButKey, secondArgument } from '../named-elements.ts';
import { sdiff, sdiffstore, sinter, sintercard, sinterstore, sunion, sunionstore } from './set-algebra.ts';
import { sadd, scard, sismember, smembers, smismember, smove, spop, srandmember, srem, sscan } from './set-members.ts';

export const setCommands: readonly Command[] = [
  {
    name: 'sadd', group: 'set', since: '1.0.0', summary: 'Add one or more members to a set',
    complexity: 'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    syntax: [key(), text('member', { multiple: true })],
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    elements: allButKey,
    run: sadd,
  },
  {
    name: 'scard', group: 'set', since: '1.0.0', summary: 'Get the number of members in a set',
    complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: scard,
  },
  {
    name: 'sdiff', group: 'set', since: '1.0.0', summary: 'Subtract multiple sets',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly'], keys: allArguments,
    run: sdiff,
  },
  {
    name: 'sdiffstore', group: 'set', since: '1.0.0', summary: 'Subtract multiple sets and store the resulting set in a key',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    syntax: [key('destination'), key('key', { specification: 1, multiple: true })],
    arity: -3, flags: ['write', 'denyoom'], keys: allArguments,
    reads: 'sources',
    run: sdiffstore,
  },
  {
    name: 'sinter', group: 'set', since: '1.0.0', summary: 'Intersect multiple sets',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly'], keys: allArguments,
    run: sinter,
  },
  {
    name: 'sintercard', group: 'set', since: '7.0.0', summary: 'Intersect multiple sets and return the cardinality of the result',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    syntax: [integer('numkeys'), key('key', { multiple: true }), integer('limit', { token: 'LIMIT', optional: true })],
    arity: -3, flags: ['readonly', 'movablekeys'], keys: countedKeys(1),
    run: sintercard,
  },
  {
    name: 'sinterstore', group: 'set', since: '1.0.0', summary: 'Intersect multiple sets and store the resulting set in a key',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    syntax: [key('destination'), key('key', { specification: 1, multiple: true })],
    arity: -3, flags: ['write', 'denyoom'], keys: allArguments,
    reads: 'sources',
    run: sinterstore,
  },
  {
    name: 'sismember', group: 'set', since: '1.0.0', summary: 'Determine if a given value is a member of a set',
    complexity: 'O(1)',
    syntax: [key(), text('member')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: secondArgument,
    run: sismember,
  },
  {
    name: 'smembers', group: 'set', since: '1.0.0', summary: 'Get all the members in a set',
    complexity: 'O(N) where N is the set cardinality.',
    syntax: [key()],
    arity: 2, flags: ['readonly'], keys: oneKey,
    run: smembers,
  },
  {
    name: 'smismember', group: 'set', since: '6.2.0', summary: 'Returns the membership associated with the given elements for a set',
    complexity: 'O(N) where N is the number of elements being checked for membership',
    syntax: [key(), text('member', { multiple: true })],
    arity: -3, flags: ['readonly', 'fast'], keys: oneKey,
    elements: allButKey,
    run: smismember,
  },
  {
    name: 'smove', group: 'set', since: '1.0.0', summary: 'Move a member from one set to another',
    complexity: 'O(1)',
    syntax: [key('source'), key('destination', { specification: 1 }), text('member')],
    arity: 4, flags: ['write', 'fast'], keys: { first: 1, last: 2, step: 1 },
    run: smove,
  },
  {
    name: 'spop', group: 'set', since: '1.0.0', summary: 'Remove and return one or multiple random members from a set',
    complexity: 'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
    history: [['3.2.0', 'Added the `count` argument.']],
    syntax: [key(), integer('count', { optional: true, since: '3.2.0' })],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    run: spop,
  },
  {
    name: 'srandmember', group: 'set', since: '1.0.0', summary: 'Get one or multiple random members from a set',
    complexity: 'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
    history: [['2.6.0', 'Added the optional `count` argument.']],
    syntax: [key(), integer('count', { optional: true, since: '2.6.0' })],
    arity: -2, flags: ['readonly'], keys: oneKey,
    run: srandmember,
  },
  {
    name: 'srem', group: 'set', since: '1.0.0', summary: 'Remove one or more members from a set',
    complexity: 'O(N) where N is the number of members to be removed.',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    syntax: [key(), text('member', { multiple: true })],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    elements: allButKey,
    run: srem,
  },
  {
    name: 'sscan', group: 'set', since: '2.8.0', summary: 'Incrementally iterate Set elements',
    complexity: 'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    syntax: [key(), integer('cursor'), pattern('pattern', { token: 'MATCH', optional: true }), integer('count', { token: 'COUNT', optional: true })],
    arity: -3, flags: ['readonly'], keys: oneKey,
    run: sscan,
  },
  {
    name: 'sunion', group: 'set', since: '1.0.0', summary: 'Add multiple sets',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly'], keys: allArguments,
    run: sunion,
  },
  {
    name: 'sunionstore', group: 'set', since: '1.0.0', summary: 'Add multiple sets and store the resulting set in a key',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    syntax: [key('destination'), key('key', { specification: 1, multiple: true })],
    arity: -3, flags: ['write', 'denyoom'], keys: allArguments,
    reads: 'sources',
    run: sunionstore,
  },
];
