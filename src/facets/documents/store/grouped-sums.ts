// The sum and the mean of one field in one group, from the exact sum that PostgreSQL makes of its numbers in units
// (planner/plan-group.ts). What is rounded, is rounded once, as the sum in MongoDB's two doubles is.

import type { DataRow } from '../../../engine/client.ts';
import type { Value } from '../../../values/bson/types.ts';
import { intOrLong } from '../expressions/coercions.ts';
import { notAddable, sumColumns, unitsInOne } from '../planner/plan-group.ts';
import { Inexact } from './grouped-numbers.ts';

const columnAt = Object.fromEntries(sumColumns.map((name, index) => [name, index])) as Record<(typeof sumColumns)[number], number>;
/** Parts of a unit in which the rests are added. */
const partsInUnit = 2 ** 64;
const partBits = 64n;

export class GroupedSums {
  #numbers = 0n;
  #scale = 0n;
  #units = 0n;
  /** In parts of a unit. */
  #parts = 0n;
  /** By how many parts the sum of the rests may be wrong, as PostgreSQL rounds them with each addition. */
  #doubt = 0n;

  /** Takes in the columns of a row from `first` on. Throws Inexact. */
  read(row: DataRow, first: number): void {
    const numbers = row.int64(first + columnAt.numbers);
    if (numbers === 0n) return;
    if (float8Of(row, first + columnAt.greatest) >= notAddable) throw new Inexact();
    const scale = row.int64(first + columnAt.scale);
    if (scale > this.#scale) this.#scale = scale;
    this.#numbers += numbers;
    this.#units += BigInt(row.utf8(first + columnAt.units));
    const rests = float8Of(row, first + columnAt.rests);
    this.#parts += BigInt(Math.trunc(rests * partsInUnit));
    // No rest is more than half a unit, and an addition loses at most 2^-53 of what has been added so far.
    this.#doubt += (numbers * numbers << partBits) / 2n ** 54n + 1n;
  }

  /** Throws Inexact. */
  result(operator: '$sum' | '$avg' | '$min' | '$max'): Value {
    if (operator === '$avg') return this.#numbers === 0n ? null : this.#nearestDouble() / Number(this.#numbers);
    return this.#scale > 0n ? this.#nearestDouble() : intOrLong(this.#units / BigInt(unitsInOne));
  }

  /** Throws Inexact where the doubt is greater than what rounding takes away. */
  #nearestDouble(): number {
    const sum = (this.#units << partBits) + this.#parts;
    const nearest = Number(sum - this.#doubt);
    if (nearest !== Number(sum + this.#doubt)) throw new Inexact();
    return nearest / partsInUnit / unitsInOne;
  }
}

function float8Of(row: DataRow, column: number): number {
  return row.buffer.readDoubleBE(row.start(column));
}
