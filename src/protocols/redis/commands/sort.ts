// SORT and SORT_RO: a list, set or sorted set in another order, by its own elements or by keys and hash fields that
// are named after them.

import { type Entry, type Unit, elementsOfRanks, keyvalueLimits, storeItems, together } from '../../../facets/keyvalue/index.ts';
import { atOnce } from '../../../kernel/in-turns.ts';
import { sortedInTurns } from '../../../kernel/sort-in-turns.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import { type Command, type KeyCommand, type KeyContext } from '../command.ts';
import { block, integer, key, oneOf, pattern, word } from '../command-syntax.ts';
import { parseFloat64 } from '../numbers.ts';
import { RedisError, redisErrors } from '../redis-error.ts';

type SortOptions = {
  isDescending: boolean;
  isAlphabetic: boolean;
  offset: number;
  /** Negative: all. */
  count: number;
  by: Buffer | undefined;
  readonly get: Buffer[];
  destination: Buffer | undefined;
};

const star = 0x2a;
const notNumbers = new RedisError("ERR One or more scores can't be converted into double");
const noBytes = Buffer.alloc(0);
const elementsOfStep = 512;

function parseSortOptions(words: readonly Buffer[], { mayStore }: { readonly mayStore: boolean }): SortOptions {
  const options: SortOptions = { isDescending: false, isAlphabetic: false, offset: 0, count: -1, by: undefined, get: [], destination: undefined };
  for (let index = 0; index < words.length; index++) {
    const word = wordOf(words[index]);
    const left = words.length - index - 1;
    if (word === 'ASC') options.isDescending = false;
    else if (word === 'DESC') options.isDescending = true;
    else if (word === 'ALPHA') options.isAlphabetic = true;
    else if (word === 'LIMIT' && left >= 2) {
      options.offset = integerArgument(words[++index]!);
      options.count = integerArgument(words[++index]!);
    } else if (word === 'STORE' && left >= 1 && mayStore) options.destination = words[++index];
    else if (word === 'BY' && left >= 1) options.by = words[++index];
    else if (word === 'GET' && left >= 1) options.get.push(words[++index]!);
    else throw redisErrors.syntax;
  }
  return options;
}

/** Where a pattern leads for an element: a key, or a field of the hash at it. Undefined without a `*`. */
function targetOf(pattern: Buffer, element: Buffer): { readonly key: Buffer; readonly field: Buffer | undefined } | undefined {
  const at = pattern.indexOf(star);
  if (at < 0) return undefined;
  const arrow = pattern.indexOf('->', at + 1);
  const hasField = arrow >= 0 && arrow + 2 < pattern.length;
  const key = Buffer.concat([pattern.subarray(0, at), element, pattern.subarray(at + 1, hasField ? arrow : pattern.length)]);
  return { key, field: hasField ? pattern.subarray(arrow + 2) : undefined };
}

/** What a pattern gives for each element; null where there is no such key or field. */
function lookUpAll({ unit, space }: KeyContext, pattern: Buffer, elements: readonly Buffer[]): (Buffer | null)[] {
  if (pattern.length === 1 && pattern[0] === 0x23) return [...elements];
  return together(elements, (element) => {
    const target = targetOf(pattern, element);
    const entry = target && unit.find(space, target.key);
    if (target === undefined || entry?.kind !== (target.field === undefined ? 'string' : 'hash')) return null;
    return target.field === undefined ? unit.valueOf(entry) : (unit.element(entry, target.field)?.value ?? null);
  });
}

/** The elements as they stand: a list's from left to right, a sorted set's by score. */
function elementsOf(unit: Unit, entry: Entry | undefined): Buffer[] {
  return entry === undefined ? [] : elementsBetween(unit, entry, 0, entry.size - 1);
}

/** Those from one place to another, both included. A set has no places: it comes whole. */
function elementsBetween(unit: Unit, entry: Entry, first: number, last: number): Buffer[] {
  switch (entry.kind) {
    case 'list':
      return unit.items(entry, entry.edge + first, entry.edge + last);
    case 'zset':
      return elementsOfRanks(unit, entry, first, last).map(({ member }) => member);
    case 'set':
      return unit.allElements(entry).map(({ member }) => member);
    default:
      throw redisErrors.wrongType;
  }
}

/** `text`: of one character a byte; texts compare as their bytes do, and quicker. */
type Sorted = { readonly element: Buffer; readonly text: string | undefined; readonly number: number };

function compareElements(left: Sorted, right: Sorted, isAlphabetic: boolean): number {
  if (!isAlphabetic) return left.number === right.number ? Buffer.compare(left.element, right.element) : left.number < right.number ? -1 : 1;
  if (left.text === undefined || right.text === undefined) return Number(left.text !== undefined) - Number(right.text !== undefined);
  return left.text === right.text ? 0 : left.text < right.text ? -1 : 1;
}

/** What C's `strcoll` and `strtod` see of it. */
function upToZeroByte(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

type Sorting = { readonly elements: readonly Buffer[]; readonly weights: readonly (Buffer | null)[]; readonly options: SortOptions };

/** The elements in order; undefined where one has to be a number and is none. */
function* inOrder({ elements, weights, options: { isAlphabetic, isDescending, destination } }: Sorting): Generator<undefined, Buffer[] | undefined> {
  // As in Redis: what is stored is compared whole, so that it does not depend on the server's language.
  const comparesWhole = isAlphabetic && destination !== undefined;
  const unsorted: Sorted[] = [];
  for (const [index, element] of elements.entries()) {
    const found = weights[index]!;
    const weight = found === null || comparesWhole ? found : upToZeroByte(found);
    const number = isAlphabetic || weight === null ? 0 : numberOf(weight);
    if (number === undefined) return undefined;
    unsorted.push({ element, text: isAlphabetic ? weight?.toString('latin1') : undefined, number });
    if (index % elementsOfStep === 0) yield;
  }
  const sorted = yield* sortedInTurns(unsorted, (left, right) => (isDescending ? -1 : 1) * compareElements(left, right, isAlphabetic));
  return sorted.map(({ element }) => element);
}

function numberOf(weight: Buffer): number | undefined {
  // `strtod` takes the spaces before a number and reads nothing as zero.
  const text = weight.toString('latin1').replace(/^[ \t\n\v\f\r]+/u, '');
  return weight.length === 0 ? 0 : parseFloat64(Buffer.from(text, 'latin1'));
}

/** Which of so many elements LIMIT leaves: from the first, before the end. */
function limited({ offset, count }: SortOptions, size: number): { readonly start: number; readonly end: number } {
  const start = Math.min(Math.max(offset, 0), size);
  return { start, end: count < 0 ? size : Math.min(size, start + count) };
}

/** BY without a `*`: as they stand. Only what LIMIT leaves is read. */
function inPlace(unit: Unit, entry: Entry | undefined, options: SortOptions): Buffer[] {
  const { start, end } = limited(options, entry?.size ?? 0);
  if (entry === undefined || start === end) return checkedKind(entry);
  if (entry.kind === 'set') return elementsOf(unit, entry).slice(start, end);
  if (!options.isDescending) return elementsBetween(unit, entry, start, end - 1);
  return elementsBetween(unit, entry, entry.size - end, entry.size - 1 - start).reverse();
}

function checkedKind(entry: Entry | undefined): [] {
  if (entry !== undefined && entry.kind !== 'list' && entry.kind !== 'set' && entry.kind !== 'zset') throw redisErrors.wrongType;
  return [];
}

function sorting({ mayStore }: { readonly mayStore: boolean }): KeyCommand {
  return (context, [key, ...words]) => {
    const { unit, space } = context;
    const given = parseSortOptions(words, { mayStore });
    const entry = unit.find(space, key!);
    const isUnsorted = given.by !== undefined && !given.by.includes(star);
    // What is stored must not depend on the order in which a set happens to come.
    const needsOrder = isUnsorted && entry?.kind === 'set' && given.destination !== undefined;
    const options = needsOrder ? { ...given, by: undefined, isAlphabetic: true } : given;
    // What storing could lack, before the elements are sorted: a long value is sorted once.
    if (options.destination !== undefined) unit.prepareCollection();
    const page = isUnsorted && !needsOrder ? inPlace(unit, entry, options) : sortedPage(context, entry, options);
    const columns = options.get.map((pattern) => lookUpAll(context, pattern, page));
    const rows = columns.length === 0 ? page : page.flatMap((_, index) => columns.map((column) => column[index]!));
    return options.destination === undefined ? rows : store(context, options.destination, rows);
  };
}

function sortedPage(context: KeyContext, entry: Entry | undefined, options: SortOptions): Buffer[] {
  if (entry === undefined) return [];
  const elements = elementsOf(context.unit, entry);
  const weights = options.by === undefined ? elements : lookUpAll(context, options.by, elements);
  const sort = (): Generator<undefined, Buffer[] | undefined> => inOrder({ elements, weights, options });
  // With GET the command runs once more after the order is known.
  const isShort = elements.length <= keyvalueLimits.longElements || options.get.length > 0;
  const ordered = isShort ? atOnce(sort()) : context.unit.computeOnce(entry, 'sort', sort);
  if (ordered === undefined) throw notNumbers;
  const { start, end } = limited(options, ordered.length);
  return ordered.slice(start, end);
}

function store({ unit, space }: KeyContext, destination: Buffer, rows: readonly (Buffer | null)[]): number {
  const target = unit.entry(space, destination);
  if (rows.length > 0) {
    storeItems(unit, target, rows.map((row) => row ?? noBytes));
    unit.note(space, 'l', 'sortstore', destination);
  } else if (target.kind !== undefined) {
    unit.remove(target);
    unit.note(space, 'g', 'del', destination);
  }
  return rows.length;
}

/** The key, and the last STORE's destination. What patterns lead to is not known before. */
function keysOfSort(request: readonly Buffer[]): number[] {
  let destination: number | undefined;
  for (let index = 2; index < request.length; index++) {
    const word = wordOf(request[index]);
    if (word === 'LIMIT') index += 2;
    else if (word === 'GET' || word === 'BY') index += 1;
    else if (word === 'STORE' && index + 1 < request.length) destination = ++index;
  }
  return destination === undefined ? [1] : [1, destination];
}

/** Patterns may lead to any key. */
function hasPatterns(args: readonly Buffer[]): boolean {
  return args.slice(1).some((word) => wordOf(word) === 'BY' || wordOf(word) === 'GET');
}

const syntax = [
  key(), pattern('pattern', { token: 'BY', specification: 1, optional: true }),
  block('offset_count', [integer('offset'), integer('count')], { token: 'LIMIT', optional: true }),
  pattern('pattern', { token: 'GET', specification: 1, optional: true, multiple: true, multipleToken: true }),
  oneOf('order', [word('ASC'), word('DESC')], { optional: true }), word('ALPHA', { name: 'sorting', optional: true }),
];
const complexity = 'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).';

export const sortCommands: readonly Command[] = [
  {
    name: 'sort', group: 'generic', since: '1.0.0', summary: 'Sort the elements in a list, set or sorted set', complexity,
    syntax: [...syntax, key('destination', { token: 'STORE', specification: 2, optional: true })],
    arity: -2, flags: ['write', 'denyoom', 'movablekeys'], keys: { first: 1, last: 1, step: 1, find: keysOfSort }, allKeys: hasPatterns,
    reads: 'first',
    run: sorting({ mayStore: true }),
  },
  {
    name: 'sort_ro', group: 'generic', since: '7.0.0', summary: 'Sort the elements in a list, set or sorted set. Read-only variant of SORT.', complexity,
    syntax,
    arity: -2, flags: ['readonly', 'movablekeys'], keys: { first: 1, last: 1, step: 1, find: () => [1] }, allKeys: hasPatterns,
    run: sorting({ mayStore: false }),
  },
];
