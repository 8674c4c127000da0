// OBJECT: what Redis tells of how it keeps a value.

import { type Command, type KeyCommand } from '../command.ts';
import { key } from '../command-syntax.ts';
import { encodingOf } from '../object-encoding.ts';
import { RedisError } from '../redis-error.ts';
import { Status } from '../reply.ts';

const help = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
  'HELP',
  '    Prints this help.',
].map((line) => new Status(line));

const noFrequencies = new RedisError(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
);

/** `OBJ_SHARED_INTEGERS` is 10,000, `OBJ_SHARED_REFCOUNT` the largest 32-bit integer. */
const sharedDigits = 4;
const sharedReferences = 2 ** 31 - 1;

const encoding: KeyCommand = ({ unit, space, connection }, [key]) => {
  const entry = unit.find(space, key!);
  return entry === undefined ? null : encodingOf(unit, entry, connection.server.configuration);
};

const frequency: KeyCommand = ({ unit, space }, [key]) => {
  if (unit.find(space, key!) === undefined) return null;
  throw noFrequencies;
};

const idleTime: KeyCommand = ({ unit, space, connection }, [key]) => (unit.find(space, key!) === undefined ? null : connection.server.keyvalue.accesses.idleSeconds(space, key!));

/** Of a small number Redis has one object for all keys, which it never frees. */
const references: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.find(space, key!);
  if (entry === undefined) return null;
  return entry.kind === 'string' && entry.size <= sharedDigits && isNumber(unit.valueOf(entry)) ? sharedReferences : 1;
};

function isNumber(bytes: Buffer): boolean {
  return /^(?:0|[1-9]\d*)$/u.test(bytes.toString('latin1'));
}

const keyOfSubcommand = { first: 2, last: 2, step: 1 } as const;

export const objectCommands: readonly Command[] = [
  {
    name: 'object', group: 'generic', since: '2.2.3', summary: 'A container for object introspection commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [],
    subcommands: [
      {
        name: 'object|encoding', group: 'generic', since: '2.2.3', summary: 'Inspect the internal encoding of a Redis object', complexity: 'O(1)',
        syntax: [key()],
        arity: 3, flags: ['readonly'], keys: keyOfSubcommand, reads: 'quietly', keepsIdle: true,
        run: encoding,
      },
      {
        name: 'object|freq', group: 'generic', since: '4.0.0', summary: 'Get the logarithmic access frequency counter of a Redis object', complexity: 'O(1)',
        syntax: [key()],
        arity: 3, flags: ['readonly'], keys: keyOfSubcommand, reads: 'quietly', keepsIdle: true, rowsOnly: true,
        run: frequency,
      },
      {
        name: 'object|help', group: 'generic', since: '6.2.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
        arity: 2, flags: ['loading', 'stale'],
        local: () => help,
      },
      {
        // DIFFERS: accesses through other gateways and by SQL do not count, and none from before the start.
        name: 'object|idletime', group: 'generic', since: '2.2.3', summary: 'Get the time since a Redis object was last accessed', complexity: 'O(1)',
        syntax: [key()],
        arity: 3, flags: ['readonly'], keys: keyOfSubcommand, reads: 'quietly', keepsIdle: true, rowsOnly: true,
        run: idleTime,
      },
      {
        name: 'object|refcount', group: 'generic', since: '2.2.3', summary: 'Get the number of references to the value of the key', complexity: 'O(1)',
        syntax: [key()],
        arity: 3, flags: ['readonly'], keys: keyOfSubcommand, reads: 'quietly', keepsIdle: true,
        run: references,
      },
    ],
  },
];
