// The hash commands.

import { type Command, oneKey } from '../command.ts';
import { block, double, integer, key, pattern, text, word } from '../command-syntax.ts';
import {
  hdel, hexists, hget, hgetall, hincrby, hincrbyfloat, hkeys, hlen, hmget, hmset, hrandfield, hscan, hset, hsetnx, hstrlen, hvals,
} from './hash-fields.ts';

export const hashCommands: readonly Command[] = [
  {
    name: 'hdel', group: 'hash', since: '2.0.0', summary: 'Delete one or more hash fields',
    complexity: 'O(N) where N is the number of fields to be removed.',
    history: [['2.4.0', 'Accepts multiple `field` arguments.']],
    syntax: [key(), text('field', { multiple: true })],
    arity: -3, flags: ['write', 'fast'], keys: oneKey,
    run: hdel,
  },
  {
    name: 'hexists', group: 'hash', since: '2.0.0', summary: 'Determine if a hash field exists',
    complexity: 'O(1)',
    syntax: [key(), text('field')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    run: hexists,
  },
  {
    name: 'hget', group: 'hash', since: '2.0.0', summary: 'Get the value of a hash field',
    complexity: 'O(1)',
    syntax: [key(), text('field')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    run: hget,
  },
  {
    name: 'hgetall', group: 'hash', since: '2.0.0', summary: 'Get all the fields and values in a hash',
    complexity: 'O(N) where N is the size of the hash.',
    syntax: [key()],
    arity: 2, flags: ['readonly'], keys: oneKey,
    run: hgetall,
  },
  {
    name: 'hincrby', group: 'hash', since: '2.0.0', summary: 'Increment the integer value of a hash field by the given number',
    complexity: 'O(1)',
    syntax: [key(), text('field'), integer('increment')],
    arity: 4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: hincrby,
  },
  {
    name: 'hincrbyfloat', group: 'hash', since: '2.6.0', summary: 'Increment the float value of a hash field by the given amount',
    complexity: 'O(1)',
    syntax: [key(), text('field'), double('increment')],
    arity: 4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: hincrbyfloat,
  },
  {
    name: 'hkeys', group: 'hash', since: '2.0.0', summary: 'Get all the fields in a hash',
    complexity: 'O(N) where N is the size of the hash.',
    syntax: [key()],
    arity: 2, flags: ['readonly'], keys: oneKey,
    run: hkeys,
  },
  {
    name: 'hlen', group: 'hash', since: '2.0.0', summary: 'Get the number of fields in a hash',
    complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: hlen,
  },
  {
    name: 'hmget', group: 'hash', since: '2.0.0', summary: 'Get the values of all the given hash fields',
    complexity: 'O(N) where N is the number of fields being requested.',
    syntax: [key(), text('field', { multiple: true })],
    arity: -3, flags: ['readonly', 'fast'], keys: oneKey,
    run: hmget,
  },
  {
    name: 'hmset', group: 'hash', since: '2.0.0', summary: 'Set multiple hash fields to multiple values',
    complexity: 'O(N) where N is the number of fields being set.',
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
    syntax: [key(), block('field_value', [text('field'), text('value')], { multiple: true })],
    arity: -4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: hmset,
  },
  {
    name: 'hrandfield', group: 'hash', since: '6.2.0', summary: 'Get one or multiple random fields from a hash',
    complexity: 'O(N) where N is the number of fields returned',
    syntax: [key(), block('options', [integer('count'), word('WITHVALUES', { optional: true })], { optional: true })],
    arity: -2, flags: ['readonly'], keys: oneKey,
    run: hrandfield,
  },
  {
    name: 'hscan', group: 'hash', since: '2.8.0', summary: 'Incrementally iterate hash fields and associated values',
    complexity: 'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    syntax: [key(), integer('cursor'), pattern('pattern', { token: 'MATCH', optional: true }), integer('count', { token: 'COUNT', optional: true })],
    arity: -3, flags: ['readonly'], keys: oneKey,
    run: hscan,
  },
  {
    name: 'hset', group: 'hash', since: '2.0.0', summary: 'Set the string value of a hash field',
    complexity: 'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
    history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
    syntax: [key(), block('field_value', [text('field'), text('value')], { multiple: true })],
    arity: -4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: hset,
  },
  {
    name: 'hsetnx', group: 'hash', since: '2.0.0', summary: 'Set the value of a hash field, only if the field does not exist',
    complexity: 'O(1)',
    syntax: [key(), text('field'), text('value')],
    arity: 4, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: hsetnx,
  },
  {
    name: 'hstrlen', group: 'hash', since: '3.2.0', summary: 'Get the length of the value of a hash field',
    complexity: 'O(1)',
    syntax: [key(), text('field')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    run: hstrlen,
  },
  {
    name: 'hvals', group: 'hash', since: '2.0.0', summary: 'Get all the values in a hash',
    complexity: 'O(N) where N is the size of the hash.',
    syntax: [key()],
    arity: 2, flags: ['readonly'], keys: oneKey,
    run: hvals,
  },
];
