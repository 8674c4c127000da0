// What PostgreSQL tells of the values of one field in one group, and the sum, mean and extremes that follow from it.

import type { DataRow } from '../../../engine/client.ts';
import { compareValues } from '../../../values/bson/compare.ts';
import { DateTime, type Int32, int32, typeNameOf, type Value } from '../../../values/bson/types.ts';
import { fitsLong } from '../expressions/integer-limits.ts';
import { newAverage, newSum } from '../expressions/numeric-folds.ts';
import { type ArgumentColumn, argumentColumns } from '../planner/plan-group.ts';

/** There is something among the values of which SQL does not tell enough. */
export class Inexact extends Error {}

const columnAt = Object.fromEntries(argumentColumns.map((name, index) => [name, index])) as Record<ArgumentColumn, number>;
/** An array of float8 or int8 in binary: its header, and the length in front of each element. */
const [headerBytes, lengthBytes, elementBytes] = [20, 4, 8];
/** Whole numbers below are added as doubles without a rest, in whatever order. */
const exactSum = 2n ** 53n;

export class GroupedNumbers {
  /** Ints and doubles. */
  #values: Float64Array = new Float64Array(0);
  /** Of each value, its document's; none in a collection without them. */
  #positions: Float64Array = new Float64Array(0);
  #hasDoubles = false;
  #longs = 0n;
  #longSum = 0n;
  #greatestMagnitude = 0n;
  #others = 0n;
  #incomparable = 0n;
  #isMixed = false;
  /** The least and the greatest of each kind of values. */
  readonly #candidates: { readonly $min: Value[]; readonly $max: Value[] } = { $min: [], $max: [] };

  /** Takes in the columns of a row from `first` on. */
  read(row: DataRow, first: number): void {
    const int = (name: ArgumentColumn): bigint => row.int64(first + columnAt[name]);
    const isDouble = int('scale') > 0n;
    const values = elementsIn(row, first + columnAt.values, (at) => row.buffer.readDoubleBE(at));
    const positions = elementsIn(row, first + columnAt.positions, (at) => row.buffer.readInt32BE(at) * 2 ** 32 + row.buffer.readUInt32BE(at + 4));
    // Of groups that are one only here (of 1 and a long 1), only positions tell the documents' order.
    if (positions.length < values.length && this.#values.length > 0 && (isDouble || this.#hasDoubles)) this.#others += 1n;
    this.#values = joined(this.#values, values);
    this.#positions = joined(this.#positions, positions);
    this.#hasDoubles ||= isDouble;
    this.#others += int('others');
    this.#incomparable += int('incomparable');
    this.#longs += int('longs');
    if (int('longs') > 0n) this.#readLongs(row.utf8(first + columnAt.longSum), int('leastLong'), int('greatestLong'));
    if (!row.isNull(first + columnAt.least)) {
      this.#isMixed ||= isDouble && int('leastScale') === 0n;
      this.#addExtremes(numberOf(row.utf8(first + columnAt.least)), numberOf(row.utf8(first + columnAt.greatest)));
    }
    if (!row.isNull(first + columnAt.leastDate)) this.#addExtremes(new DateTime(int('leastDate')), new DateTime(int('greatestDate')));
  }

  /** Throws Inexact. */
  result(operator: '$sum' | '$avg' | '$min' | '$max'): Value {
    return operator === '$min' || operator === '$max' ? this.#extreme(operator) : this.#sum(operator);
  }

  #sum(operator: '$sum' | '$avg'): Value {
    if (this.#others > 0n) throw new Inexact();
    if (this.#longs > 0n) return this.#sumWithLongs(operator);
    const fold = operator === '$sum' ? newSum() : newAverage();
    for (const value of this.#hasDoubles ? inOrder(this.#values, this.#positions) : this.#values) fold.add(this.#hasDoubles ? value : intOf(value));
    return fold.result();
  }

  /** Of longs only the sum is known, which is enough where nothing is rounded. */
  #sumWithLongs(operator: '$sum' | '$avg'): Value {
    if (this.#hasDoubles) throw new Inexact();
    const count = this.#longs + BigInt(this.#values.length);
    let total = this.#longSum;
    for (const value of this.#values) total += BigInt(intOf(value).value);
    if (operator === '$sum' && fitsLong(total)) return total;
    if (operator === '$sum' || this.#greatestMagnitude * count >= exactSum) throw new Inexact();
    return Number(total) / Number(count);
  }

  #readLongs(sum: string, least: bigint, greatest: bigint): void {
    this.#longSum += BigInt(sum);
    for (const long of [least, greatest, -least, -greatest]) if (long > this.#greatestMagnitude) this.#greatestMagnitude = long;
    this.#addExtremes(least, greatest);
  }

  #addExtremes(least: Value, greatest: Value): void {
    this.#candidates.$min.push(least);
    this.#candidates.$max.push(greatest);
  }

  #extreme(operator: '$min' | '$max'): Value {
    if (this.#incomparable > 0n) throw new Inexact();
    const sense = operator === '$min' ? 1 : -1;
    const [first = null, second] = this.#candidates[operator].toSorted((a, b) => compareValues(a, b) * sense);
    // Of equal numbers the first in the order of documents counts, which SQL does not tell.
    const isTie = second !== undefined && compareValues(first, second) === 0 && typeNameOf(first) !== typeNameOf(second);
    const isWhole = typeof first === 'number' ? Number.isInteger(first) : first !== null && typeNameOf(first) === 'int';
    if (isTie || (this.#isMixed && isWhole)) throw new Inexact();
    return first;
  }
}

function elementsIn(row: DataRow, column: number, read: (at: number) => number): Float64Array {
  if (row.isNull(column)) return new Float64Array(0);
  const elements = new Float64Array((row.length(column) - headerBytes) / (lengthBytes + elementBytes));
  let at = row.start(column) + headerBytes;
  for (let index = 0; index < elements.length; index += 1) {
    elements[index] = read(at + lengthBytes);
    at += lengthBytes + elementBytes;
  }
  return elements;
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  if (first.length === 0) return second;
  const both = new Float64Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** In the order of the positions, where there are any. */
function inOrder(values: Float64Array, positions: Float64Array): Float64Array {
  if (positions.length !== values.length || positions.every((position, index) => index === 0 || positions[index - 1]! < position)) return values;
  const places = Uint32Array.from(positions.keys()).sort((a, b) => positions[a]! - positions[b]!);
  return Float64Array.from(places, (place) => values[place]!);
}

/** Throws Inexact for what SQL has written beyond 32 bits: it is read as a long. */
function intOf(value: number): Int32 {
  if (value >= 2 ** 31 || value < -(2 ** 31)) throw new Inexact();
  return int32(value);
}

/** As it is stored: with a fraction a double, without one an int. */
function numberOf(digits: string): Value {
  return digits.includes('.') ? Number(digits) : intOf(Number(digits));
}
