// What commands answer: plain values, encoded by the protocol version that the client chose.
//
// number, bigint → integer · Buffer, string → bulk string · null → nil · array → array · boolean → RESP3 boolean (1, 0)
// Map → map (flat array) · Set → set (array) · Error → error · and the classes below.

import type { ElementRows } from '../../facets/keyvalue/index.ts';

/** A simple string (`+OK`). */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A floating-point number: RESP3's double, in RESP2 a bulk string. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Text with a format: RESP3's verbatim string, in RESP2 a bulk string. */
export class Verbatim {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Out-of-band data: RESP3's push type, in RESP2 an array. */
export class Push {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** Pairs whose keys need not be distinct: a map in RESP3, flat in RESP2. */
export class Pairs {
  readonly pairs: readonly (readonly [Reply, Reply])[];
  constructor(pairs: readonly (readonly [Reply, Reply])[]) {
    this.pairs = pairs;
  }
}

/** Several replies in a row for one request, as SUBSCRIBE gives; none is possible. */
export class Replies {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** What a row of a listing is: its first field alone, two fields, or a field and its score. */
export type ListingForm = 'array' | 'set' | 'map' | 'flat' | 'nested';

/** Very many elements, as the store gave them. `flat` and `nested` are those of sorted sets with their scores. */
export class Listing {
  readonly rows: ElementRows;
  readonly form: ListingForm;

  constructor(rows: ElementRows, form: ListingForm) {
    this.rows = rows;
    this.form = form;
  }

  get kind(): 'array' | 'set' | 'map' {
    return this.form === 'set' || this.form === 'map' ? this.form : 'array';
  }

  /** How many items an array or a set of it has, or pairs a map. */
  get count(): number {
    return this.form === 'flat' ? this.rows.length * 2 : this.rows.length;
  }

  /** The same in values of their own. */
  get plain(): Reply {
    const { rows, form } = this;
    const all = <T>(valueOf: (index: number) => T): T[] => Array.from({ length: rows.length }, (_, index) => valueOf(index));
    switch (form) {
      case 'array':
        return all((index) => rows.bytes(index));
      case 'set':
        return new Set(all((index) => rows.bytes(index)));
      case 'map':
        return new Pairs(all((index) => [rows.bytes(index, 0), rows.bytes(index, 1)]));
      case 'flat':
        return all((index): Reply[] => [rows.bytes(index), new Double(rows.score(index))]).flat();
      case 'nested':
        return all((index) => [rows.bytes(index), new Double(rows.score(index))]);
    }
  }
}

export const ok = new Status('OK');
export const queued = new Status('QUEUED');
/** RESP2's null array (`*-1`), where a command answers that instead of a null bulk string. */
export const nilArray = Symbol('nil array');

export type Reply =
  | number | bigint | string | Buffer | null | boolean | Error | Status | Double | Verbatim | Push | Pairs | Replies | Listing
  | typeof nilArray | readonly Reply[] | ReadonlyMap<Reply, Reply> | ReadonlySet<Reply>;
