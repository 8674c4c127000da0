// The list commands.

import { type Command, oneKey } from '../command.ts';
import { double, integer, key, oneOf, text, word } from '../command-syntax.ts';
import { countedKeys } from '../counted-keys.ts';
import { blmove, blmpop, blpop, brpop, brpoplpush } from './list-blocking.ts';
import {
  lindex, linsert, llen, lmove, lmpop, lpop, lpos, lpush, lpushx, lrange, lrem, lset, ltrim, rpop, rpoplpush, rpush, rpushx,
} from './list-items.ts';

export const listCommands: readonly Command[] = [
  {
    name: 'blmove', group: 'list', since: '6.2.0', summary: 'Pop an element from a list, push it to another list and return it; or block until one is available',
    complexity: 'O(1)',
    syntax: [
      key('source'), key('destination', { specification: 1 }), oneOf('wherefrom', [word('LEFT'), word('RIGHT')]),
      oneOf('whereto', [word('LEFT'), word('RIGHT')]), double('timeout'),
    ],
    arity: 6, flags: ['write', 'denyoom', 'noscript', 'blocking'], keys: { first: 1, last: 2, step: 1 },
    run: blmove,
  },
  {
    name: 'blmpop', group: 'list', since: '7.0.0', summary: 'Pop elements from a list, or block until one is available',
    complexity: 'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    syntax: [
      double('timeout'), integer('numkeys'), key('key', { multiple: true }), oneOf('where', [word('LEFT'), word('RIGHT')]),
      integer('count', { token: 'COUNT', optional: true }),
    ],
    arity: -5, flags: ['write', 'blocking', 'movablekeys'], keys: countedKeys(2),
    run: blmpop,
  },
  {
    name: 'blpop', group: 'list', since: '2.0.0', summary: 'Remove and get the first element in a list, or block until one is available',
    complexity: 'O(N) where N is the number of provided keys.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    syntax: [key('key', { multiple: true }), double('timeout')],
    arity: -3, flags: ['write', 'noscript', 'blocking'], keys: { first: 1, last: -2, step: 1 },
    run: blpop,
  },
  {
    name: 'brpop', group: 'list', since: '2.0.0', summary: 'Remove and get the last element in a list, or block until one is available',
    complexity: 'O(N) where N is the number of provided keys.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    syntax: [key('key', { multiple: true }), double('timeout')],
    arity: -3, flags: ['write', 'noscript', 'blocking'], keys: { first: 1, last: -2, step: 1 },
    run: brpop,
  },
  {
    name: 'brpoplpush', group: 'list', since: '2.2.0', summary: 'Pop an element from a list, push it to another list and return it; or block until one is available',
    complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    syntax: [key('source'), key('destination', { specification: 1 }), double('timeout')],
    arity: 4, flags: ['write', 'denyoom', 'noscript', 'blocking'], keys: { first: 1, last: 2, step: 1 },
    run: brpoplpush,
  },
  {
    name: 'lindex', group: 'list', since: '1.0.0', summary: 'Get an element from a list by its index',
    complexity: 'O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).',
    syntax: [key(), integer('index')],
    arity: 3, flags: ['readonly'], keys: oneKey,
    run: lindex,
  },
  {
    name: 'linsert', group: 'list', since: '2.2.0', summary: 'Insert an element before or after another element in a list',
    complexity: 'O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).',
    syntax: [key(), oneOf('where', [word('BEFORE'), word('AFTER')]), text('pivot'), text('element')],
    arity: 5, flags: ['write', 'denyoom'], keys: oneKey,
    run: linsert,
  },
  {
    name: 'llen', group: 'list', since: '1.0.0', summary: 'Get the length of a list',
    complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: llen,
  },
  {
    name: 'lmove', group: 'list', since: '6.2.0', summary: 'Pop an element from a list, push it to another list and return it',
    complexity: 'O(1)',
    syntax: [
      key('source'), key('destination', { specification: 1 }), oneOf('wherefrom', [word('LEFT'), word('RIGHT')]),
      oneOf('whereto', [word('LEFT'), word('RIGHT')]),
    ],
    arity: 5, flags: ['write', 'denyoom'], keys: { first: 1, last: 2, step: 1 },
    run: lmove,
  },
  {
    name: 'lmpop', group: 'list', since: '7.0.0', summary: 'Pop elements from a list',
    complexity: 'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
    syntax: [
      integer('numkeys'), key('key', { multiple: true }), oneOf('where', [word('LEFT'), word('RIGHT')]),
      integer('count', { token: 'COUNT', optional: true }),
    ],
    arity: -4, flags: ['write', 'movablekeys'], keys: countedKeys(1),
    run: lmpop,
  },
  {
    name: 'lpop', group: 'list', since: '1.0.0', summary: 'Remove and get the first elements in a list',
    complexity: 'O(N) where N is the number of elements returned',
    history: [['6.2.0', 'Added the `count` argument.']],
    syntax: [key(), integer('count', { optional: true, since: '6.2.0' })],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    run: lpop,
  },
  {
    name: 'lpos', group: 'list', since: '6.0.6', summary: 'Return the index of matching elements on a list',
    complexity: 'O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.',
    syntax: [
      key(), text('element'), integer('rank', { token: 'RANK', optional: true }), integer('num-matches', { token: 'COUNT', optional: true }),
      integer('len', { token: 'MAXLEN', optional: true }),
    ],
    arity: -3, flags: ['readonly'], keys: oneKey,
    run: lpos,
  },
  {
    name: 'lpush', group: 'list', since: '1.0.0', summary: 'Prepend one or multiple elements to a list',
    complexity: 'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['2.4.0', 'Accepts multiple `element` arguments.']],
    syntax: [key(), text('element', { multiple: true })],
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: lpush,
  },
  {
    name: 'lpushx', group: 'list', since: '2.2.0', summary: 'Prepend an element to a list, only if the list exists',
    complexity: 'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['4.0.0', 'Accepts multiple `element` arguments.']],
    syntax: [key(), text('element', { multiple: true })],
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: lpushx,
  },
  {
    name: 'lrange', group: 'list', since: '1.0.0', summary: 'Get a range of elements from a list',
    complexity: 'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
    syntax: [key(), integer('start'), integer('stop')],
    arity: 4, flags: ['readonly'], keys: oneKey,
    run: lrange,
  },
  {
    name: 'lrem', group: 'list', since: '1.0.0', summary: 'Remove elements from a list',
    complexity: 'O(N+M) where N is the length of the list and M is the number of elements removed.',
    syntax: [key(), integer('count'), text('element')],
    arity: 4, flags: ['write'], keys: oneKey,
    run: lrem,
  },
  {
    name: 'lset', group: 'list', since: '1.0.0', summary: 'Set the value of an element in a list by its index',
    complexity: 'O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).',
    syntax: [key(), integer('index'), text('element')],
    arity: 4, flags: ['write', 'denyoom'], keys: oneKey,
    run: lset,
  },
  {
    name: 'ltrim', group: 'list', since: '1.0.0', summary: 'Trim a list to the specified range',
    complexity: 'O(N) where N is the number of elements to be removed by the operation.',
    syntax: [key(), integer('start'), integer('stop')],
    arity: 4, flags: ['write'], keys: oneKey,
    run: ltrim,
  },
  {
    name: 'rpop', group: 'list', since: '1.0.0', summary: 'Remove and get the last elements in a list',
    complexity: 'O(N) where N is the number of elements returned',
    history: [['6.2.0', 'Added the `count` argument.']],
    syntax: [key(), integer('count', { optional: true, since: '6.2.0' })],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    run: rpop,
  },
  {
    name: 'rpoplpush', group: 'list', since: '1.2.0', summary: 'Remove the last element in a list, prepend it to another list and return it',
    complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
    syntax: [key('source'), key('destination', { specification: 1 })],
    arity: 3, flags: ['write', 'denyoom'], keys: { first: 1, last: 2, step: 1 },
    run: rpoplpush,
  },
  {
    name: 'rpush', group: 'list', since: '1.0.0', summary: 'Append one or multiple elements to a list',
    complexity: 'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['2.4.0', 'Accepts multiple `element` arguments.']],
    syntax: [key(), text('element', { multiple: true })],
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: rpush,
  },
  {
    name: 'rpushx', group: 'list', since: '2.2.0', summary: 'Append an element to a list, only if the list exists',
    complexity: 'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['4.0.0', 'Accepts multiple `element` arguments.']],
    syntax: [key(), text('element', { multiple: true })],
    arity: -3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: rpushx,
  },
];
