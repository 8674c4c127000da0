// The bitmap commands: strings seen as arrays of bits.

import { type Entry, type Unit, countSetBits, entriesOf, keyvalueLimits, partOf, rangeWithin, searchPieces, stringsOf, windowOf, writePart } from '../../../facets/keyvalue/index.ts';
import { atOnce } from '../../../kernel/in-turns.ts';
import { bigintArgument, integerArgument, wordOf } from '../arguments.ts';
import { type BitfieldOperation, type BitfieldRun, bitOffset, bytesTouched, bytesWritten, parseBitfield, runBitfield } from '../bitfield.ts';
import { type BitOperation, bitAt, combineBits, countBits, findBit, writeBits } from '../bits.ts';
import { type Command, type KeyCommand, oneKey } from '../command.ts';
import { block, integer, key, oneOf, text, word } from '../command-syntax.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { rangeArguments } from '../set-options.ts';

const noBytes = Buffer.alloc(0);
const invalidBit = new RedisError('ERR bit is not an integer or out of range');

const setbit: KeyCommand = ({ unit, space, connection }, [key, offsetText, bitText]) => {
  const offset = bitOffset(offsetText!, { limitBytes: connection.server.bulkBytes });
  const bit = bigintArgument(bitText!, invalidBit);
  if (bit !== 0n && bit !== 1n) throw invalidBit;
  unit.findKind(space, key!, 'string');
  const entry = unit.entry(space, key!);
  const index = Math.floor(offset / 8);
  const window = windowOf(unit, entry, index, index);
  const before = bitAt(window, offset % 8);
  if (before === Number(bit) && index < entry.size) return before;
  writeBits(window, offset % 8, 1, bit);
  writePart(unit, entry, index, window);
  unit.note(space, '$', 'setbit', key!);
  return before;
};

const getbit: KeyCommand = ({ unit, space, connection }, [key, offsetText]) => {
  const offset = bitOffset(offsetText!, { limitBytes: connection.server.bulkBytes });
  const entry = unit.findKind(space, key!, 'string');
  const index = Math.floor(offset / 8);
  if (entry === undefined || index >= entry.size) return 0;
  return bitAt(partOf(unit, entry, index, index), offset % 8);
};

type BitUnit = 'BYTE' | 'BIT';

function bitUnit(word: Buffer | undefined): BitUnit {
  const unit = word === undefined ? 'BYTE' : wordOf(word);
  if (unit !== 'BYTE' && unit !== 'BIT') throw redisErrors.syntax;
  return unit;
}

/** A range in bits, or undefined when nothing is in it. */
function bitRange(entry: Entry, { start, end, unit }: { readonly start: number; readonly end: number; readonly unit: BitUnit }): { readonly first: number; readonly last: number } | undefined {
  const width = unit === 'BIT' ? 1 : 8;
  const range = rangeWithin((entry.size * 8) / width, start, end);
  return range && { first: range.first * width, last: range.last * width + width - 1 };
}

const bitcount: KeyCommand = ({ unit, space }, [key, ...args]) => {
  const entry = unit.findKind(space, key!, 'string');
  if (entry === undefined) return 0;
  if (args.length === 1 || args.length > 3) throw redisErrors.syntax;
  const { start, end } = args.length === 0 ? { start: 0, end: -1 } : rangeArguments(args[0]!, args[1]!);
  // Redis looks at the unit after that.
  if (start < 0 && end < 0 && start > end) return 0;
  const range = bitRange(entry, { start, end, unit: bitUnit(args[2]) });
  return range === undefined ? 0 : bitsIn(unit, entry, range.first, range.last);
};

/** Bits from one to another; those of a long string are counted where it is. */
function bitsIn(unit: Unit, entry: Entry, first: number, last: number): number {
  const [firstByte, lastByte] = [Math.floor(first / 8), Math.floor(last / 8)];
  if (entry.value !== undefined || lastByte - firstByte < 2) return countBits(partOf(unit, entry, firstByte, lastByte), first % 8, last - firstByte * 8);
  const inner = countSetBits(unit, entry, firstByte + 1, lastByte - 1);
  return countBits(partOf(unit, entry, firstByte, firstByte), first % 8, 7) + inner + countBits(partOf(unit, entry, lastByte, lastByte), 0, last % 8);
}

const bitpos: KeyCommand = ({ unit, space }, [key, bitText, ...args]) => {
  const given = bigintArgument(bitText!);
  if (given !== 0n && given !== 1n) throw new RedisError('ERR The bit argument must be 1 or 0.');
  const bit = given === 1n ? 1 : 0;
  const entry = unit.findKind(space, key!, 'string');
  if (entry === undefined) return bit === 1 ? -1 : 0;
  if (args.length > 3) throw redisErrors.syntax;
  const [from, to, unitWord] = args;
  const start = from === undefined ? 0 : integerArgument(from);
  const within = bitUnit(unitWord);
  // Unlike BITCOUNT's, an end before the string is its beginning.
  const total = within === 'BIT' ? entry.size * 8 : entry.size;
  const fromBeginning = (position: number): number => (position < 0 ? Math.max(0, total + position) : position);
  const range = bitRange(entry, { start: fromBeginning(start), end: fromBeginning(to === undefined ? -1 : integerArgument(to)), unit: within });
  if (range === undefined) return -1;
  const found = findBitIn(unit, entry, bit, range);
  // Without an end, the string goes on with zeros for ever.
  return found < 0 && bit === 0 && to === undefined ? entry.size * 8 : found;
};

/** As `findBit`; a long string is not read whole. */
function findBitIn(unit: Unit, entry: Entry, bit: 0 | 1, { first, last }: { readonly first: number; readonly last: number }): number {
  if (entry.value !== undefined) return findBit(entry.value, bit, first, last);
  const look = (piece: Buffer, start: number): number | undefined => {
    const offset = start * 8;
    const found = findBit(piece, bit, Math.max(first - offset, 0), Math.min(last - offset, piece.length * 8 - 1));
    return found < 0 ? undefined : offset + found;
  };
  return searchPieces(unit, entry, { first: Math.floor(first / 8), last: Math.floor(last / 8), what: `bit ${bit} ${first} ${last}`, look }) ?? -1;
}

const bitop: KeyCommand = ({ unit, space }, [operationText, destination, ...keys]) => {
  const operation = wordOf(operationText);
  if (!isBitOperation(operation)) throw redisErrors.syntax;
  if (operation === 'NOT' && keys.length !== 1) throw new RedisError('ERR BITOP NOT must be called with a single source key.');
  const entries = entriesOf(unit, space, [destination!, ...keys]);
  const [target, ...sources] = entries as [Entry, ...Entry[]];
  if (sources.some(({ kind }) => kind !== undefined && kind !== 'string')) throw redisErrors.wrongType;
  const values = stringsOf(unit, space, keys).map((value) => value ?? noBytes);
  const isLong = values.some((value) => value.length > keyvalueLimits.longBytes);
  const result = isLong ? unit.computeOnce(target, `bitop ${operation}`, () => combineBits(operation, values)) : atOnce(combineBits(operation, values));
  if (result.length > 0) {
    unit.setString(target, result, undefined);
    unit.note(space, '$', 'set', destination!);
  } else if (target.kind !== undefined) {
    unit.remove(target);
    unit.note(space, 'g', 'del', destination!);
  }
  return result.length;
};

function isBitOperation(word: string): word is BitOperation {
  return word === 'AND' || word === 'OR' || word === 'XOR' || word === 'NOT';
}

const bitfield: KeyCommand = ({ unit, space, connection }, [key, ...words]) => {
  const operations = parseBitfield(words, { readOnly: false, limitBytes: connection.server.bulkBytes });
  unit.findKind(space, key!, 'string');
  const entry = unit.entry(space, key!);
  const { window, first, replies, writes, changes } = runOn(unit, entry, operations);
  const length = bytesWritten(operations);
  if (length === 0) return replies;
  // The string has grown even where every operation failed.
  const hasGrown = length > entry.size;
  // Of what was looked at, what is in the string or written.
  if (hasGrown || changes > 0) writePart(unit, entry, first, window.subarray(0, Math.max(length, entry.size) - first));
  if (changes > 0 || (hasGrown && writes > 0)) unit.note(space, '$', 'setbit', key!);
  return replies;
};

const bitfieldRo: KeyCommand = ({ unit, space, connection }, [key, ...words]) => {
  const operations = parseBitfield(words, { readOnly: true, limitBytes: connection.server.bulkBytes });
  unit.findKind(space, key!, 'string');
  return runOn(unit, unit.entry(space, key!), operations).replies;
};

/** Carries operations out on the bytes from the first to the last that they look at; of a long string no others are read. */
function runOn(unit: Unit, entry: Entry, operations: readonly BitfieldOperation[]): BitfieldRun & { readonly window: Buffer; readonly first: number } {
  const { first, last } = bytesTouched(operations);
  if (last - first >= keyvalueLimits.windowBytes) {
    const whole = Buffer.alloc(Math.max(bytesWritten(operations), entry.size));
    if (entry.kind !== undefined) unit.valueOf(entry).copy(whole);
    return { ...runBitfield(whole, operations), window: whole, first: 0 };
  }
  const window = windowOf(unit, entry, first, last);
  return { ...runBitfield(window, operations.map((operation) => ({ ...operation, offset: operation.offset - 8 * first }))), window, first };
}

export const bitmapCommands: readonly Command[] = [
  {
    name: 'bitcount', group: 'bitmap', since: '2.6.0', summary: 'Count set bits in a string', complexity: 'O(N)',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    syntax: [
      key(),
      block('index', [integer('start'), integer('end'), oneOf('index_unit', [word('BYTE'), word('BIT')], { optional: true, since: '7.0.0' })], { optional: true }),
    ],
    arity: -2, flags: ['readonly'], keys: oneKey,
    run: bitcount,
  },
  {
    name: 'bitfield', group: 'bitmap', since: '3.2.0', summary: 'Perform arbitrary bitfield integer operations on strings', complexity: 'O(1) for each subcommand specified',
    syntax: [
      key(),
      oneOf('operation', [
        block('encoding_offset', [text('encoding'), integer('offset')], { token: 'GET' }),
        block('write', [
          oneOf('wrap_sat_fail', [word('WRAP'), word('SAT'), word('FAIL')], { token: 'OVERFLOW', optional: true }),
          oneOf('write_operation', [
            block('encoding_offset_value', [text('encoding'), integer('offset'), integer('value')], { token: 'SET' }),
            block('encoding_offset_increment', [text('encoding'), integer('offset'), integer('increment')], { token: 'INCRBY' }),
          ]),
        ]),
      ], { optional: true, multiple: true }),
    ],
    arity: -2, flags: ['write', 'denyoom'], keys: oneKey,
    reads: (args) => (args.some((word) => wordOf(word) === 'SET' || wordOf(word) === 'INCRBY') ? 'none' : 'all'),
    run: bitfield,
  },
  {
    name: 'bitfield_ro', group: 'bitmap', since: '6.0.0', summary: 'Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD', complexity: 'O(1) for each subcommand specified',
    syntax: [
      key(), block('encoding_offset', [text('encoding'), integer('offset')], { token: 'GET', optional: true, multiple: true, multipleToken: true }),
    ],
    arity: -2, flags: ['readonly', 'fast'], keys: oneKey,
    run: bitfieldRo,
  },
  {
    name: 'bitop', group: 'bitmap', since: '2.6.0', summary: 'Perform bitwise operations between strings', complexity: 'O(N)',
    syntax: [text('operation'), key('destkey'), key('key', { specification: 1, multiple: true })],
    arity: -4, flags: ['write', 'denyoom'], keys: { first: 2, last: -1, step: 1 },
    reads: 'sources',
    run: bitop,
  },
  {
    name: 'bitpos', group: 'bitmap', since: '2.8.7', summary: 'Find first bit set or clear in a string', complexity: 'O(N)',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    syntax: [
      key(), integer('bit'),
      block('index', [
        integer('start'),
        block('end_index', [integer('end'), oneOf('index_unit', [word('BYTE'), word('BIT')], { optional: true, since: '7.0.0' })], { optional: true }),
      ], { optional: true }),
    ],
    arity: -3, flags: ['readonly'], keys: oneKey,
    run: bitpos,
  },
  {
    name: 'getbit', group: 'bitmap', since: '2.2.0', summary: 'Returns the bit value at offset in the string value stored at key', complexity: 'O(1)',
    syntax: [key(), integer('offset')],
    arity: 3, flags: ['readonly', 'fast'], keys: oneKey,
    run: getbit,
  },
  {
    name: 'setbit', group: 'bitmap', since: '2.2.0', summary: 'Sets or clears the bit at offset in the string value stored at key', complexity: 'O(N) where N is the length of the whole value.',
    syntax: [key(), integer('offset'), integer('value')],
    arity: 4, flags: ['write', 'denyoom'], keys: oneKey,
    run: setbit,
  },
];
