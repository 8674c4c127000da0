// What commands answer: plain values, encoded by the protocol version that the client chose.
//
// number, bigint → integer · Buffer, string → bulk string · null → nil · array → array · boolean → RESP3 boolean (1, 0)
// Map → map (flat array) · Set → set (array) · Error → error · and the classes below.

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

export const ok = new Status('OK');
export const queued = new Status('QUEUED');
/** RESP2's null array (`*-1`), where a command answers that instead of a null bulk string. */
export const nilArray = Symbol('nil array');

export type Reply =
  | number | bigint | string | Buffer | null | boolean | Error | Status | Double | Verbatim | Push | Pairs | Replies
  | typeof nilArray | readonly Reply[] | ReadonlyMap<Reply, Reply> | ReadonlySet<Reply>;
