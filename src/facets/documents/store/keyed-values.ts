// What accumulates over values that PostgreSQL has counted: each comes once, with how many documents have it.

import { hashKeyOf } from '../../../values/bson/compare.ts';
import { Int32, type Maybe, type Value } from '../../../values/bson/types.ts';
import { intOrLong } from '../expressions/coercions.ts';
import { fitsLong } from '../expressions/integer-limits.ts';
import { approximateSizeOf } from '../pipelines/memory.ts';
import { Inexact } from './grouped-numbers.ts';

/** Of one value: how many documents have it, and the place of the first of them. */
export type Counted = { readonly value: Maybe; readonly documents: bigint; readonly place: bigint };

export type KeyedValues = {
  /** Gives how many bytes more it holds. */
  add(counted: Counted): number;
  /** Throws Inexact. */
  result(): Value;
};

export function newKeyedValues(kind: '$sum' | '$avg' | '$addToSet'): KeyedValues {
  return kind === '$addToSet' ? new PlacedSet() : new CountedSum(kind);
}

/** Whole numbers below are exact as doubles. */
const exactDouble = 2n ** 53n;

/** Of ints and longs; everything else is passed over. */
class CountedSum implements KeyedValues {
  readonly #kind: '$sum' | '$avg';
  #total = 0n;
  /** Of all magnitudes: no sum on the way was larger. */
  #most = 0n;
  #numbers = 0n;
  #hasLong = false;

  constructor(kind: '$sum' | '$avg') {
    this.#kind = kind;
  }

  add({ value, documents }: Counted): number {
    if (!(value instanceof Int32) && typeof value !== 'bigint') return 0;
    const part = documents * (typeof value === 'bigint' ? value : BigInt(value.value));
    this.#hasLong ||= typeof value === 'bigint';
    this.#total += part;
    this.#most += part < 0n ? -part : part;
    this.#numbers += documents;
    return 0;
  }

  result(): Value {
    if (this.#kind === '$avg' && this.#numbers === 0n) return null;
    if (!fitsLong(this.#most) || (this.#kind === '$avg' && this.#most >= exactDouble)) throw new Inexact();
    if (this.#kind === '$avg') return Number(this.#total) / Number(this.#numbers);
    return this.#hasLong ? this.#total : intOrLong(this.#total);
  }
}

/** Different values in the order in which the documents have them. */
class PlacedSet implements KeyedValues {
  readonly #values = new Map<string, { readonly place: bigint; readonly value: Value }>();

  add({ value, place }: Counted): number {
    if (value === undefined) return 0;
    const hash = hashKeyOf(value);
    const known = this.#values.get(hash);
    if (known !== undefined && known.place <= place) return 0;
    this.#values.delete(hash);
    this.#values.set(hash, { place, value });
    return known === undefined ? approximateSizeOf(value) : 0;
  }

  result(): Value {
    const values = [...this.#values.values()].toSorted((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)));
    return values.map(({ value }) => value);
  }
}
