// The value model of documents: every BSON type as a value of JavaScript that keeps its type. Field order, empty,
// dotted and integer-like keys survive (a Map, not an object), and so do the differences between the four numeric types.
// Source: the BSON specification 1.1 (bsonspec.org).

/**
 * | BSON              | here                     |
 * |-------------------|--------------------------|
 * | double            | number                   |
 * | 32-bit integer    | Int32                    |
 * | 64-bit integer    | bigint                   |
 * | decimal128        | Decimal128               |
 * | string, boolean   | string, boolean          |
 * | null              | null                     |
 * | document, array   | Document (a Map), Array  |
 * | others            | the classes below        |
 *
 * A missing field is `undefined`, which is no `Value`; BSON's deprecated type undefined is `bsonUndefined`.
 */
export type Value =
  | number
  | Int32
  | bigint
  | Decimal128
  | string
  | boolean
  | null
  | Document
  | Value[]
  | ObjectId
  | Binary
  | DateTime
  | Timestamp
  | RegularExpression
  | Code
  | CodeWithScope
  | BsonSymbol
  | DBPointer
  | MinKey
  | MaxKey
  | BsonUndefined;

/** What an expression or a path gives: a value, or `undefined` where there is none. */
export type Maybe = Value | undefined;

/** In field order. Of a duplicate field, as in most drivers, the last value counts at the first one's place. */
export type Document = Map<string, Value>;

// `type` is there for the compiler only: it tells classes of one shape apart.

export class Int32 {
  declare private readonly type: 'int32';
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

const smallInts = Array.from({ length: 1_280 }, (_, index) => new Int32(index - 256));

/** An Int32 of a whole number between -2^31 and 2^31 - 1; small ones are shared. */
export function int32(value: number): Int32 {
  return value >= -256 && value < 1_024 ? smallInts[value + 256]! : new Int32(value);
}

/** Sixteen bytes as they travel: little-endian, binary integer decimal (BID). */
export class Decimal128 {
  declare private readonly type: 'decimal128';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Milliseconds since 1970 UTC; 64 bits, so far more than a JavaScript Date holds. */
export class DateTime {
  declare private readonly type: 'dateTime';
  readonly ms: bigint;

  constructor(ms: bigint) {
    this.ms = ms;
  }
}

/** Twelve bytes. */
export class ObjectId {
  declare private readonly type: 'objectId';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export class Binary {
  declare private readonly type: 'binary';
  readonly bytes: Uint8Array;
  readonly subtype: number;

  constructor(bytes: Uint8Array, subtype: number) {
    this.bytes = bytes;
    this.subtype = subtype;
  }
}

/** Seconds in the upper, an increment in the lower 32 bits; unsigned. */
export class Timestamp {
  declare private readonly type: 'timestamp';
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Of PCRE, with its options' letters as they were sent. */
export class RegularExpression {
  declare private readonly type: 'regularExpression';
  readonly pattern: string;
  readonly options: string;

  constructor(pattern: string, options: string) {
    this.pattern = pattern;
    this.options = options;
  }
}

/** JavaScript, which is stored and never run. */
export class Code {
  declare private readonly type: 'code';
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

export class CodeWithScope {
  declare private readonly type: 'codeWithScope';
  readonly code: string;
  readonly scope: Document;

  constructor(code: string, scope: Document) {
    this.code = code;
    this.scope = scope;
  }
}

/** BSON's deprecated symbol. */
export class BsonSymbol {
  declare private readonly type: 'bsonSymbol';
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** Deprecated: a reference by namespace and id. */
export class DBPointer {
  declare private readonly type: 'dBPointer';
  readonly namespace: string;
  readonly id: ObjectId;

  constructor(namespace: string, id: ObjectId) {
    this.namespace = namespace;
    this.id = id;
  }
}

export class MinKey {
  declare private readonly type: 'minKey';
  readonly kind = 'minKey';
}

export class MaxKey {
  declare private readonly type: 'maxKey';
  readonly kind = 'maxKey';
}

export class BsonUndefined {
  declare private readonly type: 'bsonUndefined';
  readonly kind = 'undefined';
}

export const minKey = new MinKey();
export const maxKey = new MaxKey();
export const bsonUndefined = new BsonUndefined();

/** The byte that stands before an element, by the name that `$type` gives it. */
export const typeNumbers = {
  double: 1, string: 2, object: 3, array: 4, binData: 5, undefined: 6, objectId: 7, bool: 8, date: 9, null: 10, regex: 11,
  dbPointer: 12, javascript: 13, symbol: 14, javascriptWithScope: 15, int: 16, timestamp: 17, long: 18, decimal: 19, minKey: -1, maxKey: 127,
} as const;

export type TypeName = keyof typeof typeNumbers;

/** The name that `$type` gives the type of a value. */
export function typeNameOf(value: Value): TypeName {
  switch (typeof value) {
    case 'number':
      return 'double';
    case 'bigint':
      return 'long';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      return nameOfObject(value);
  }
}

function nameOfObject(value: Exclude<Value, number | bigint | string | boolean>): TypeName {
  if (value === null) return 'null';
  if (value instanceof Map) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Int32) return 'int';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof DateTime) return 'date';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof RegularExpression) return 'regex';
  if (value instanceof Code) return 'javascript';
  if (value instanceof CodeWithScope) return 'javascriptWithScope';
  if (value instanceof BsonSymbol) return 'symbol';
  if (value instanceof DBPointer) return 'dbPointer';
  if (value instanceof MinKey) return 'minKey';
  if (value instanceof MaxKey) return 'maxKey';
  return 'undefined';
}

export type Numeric = number | Int32 | bigint | Decimal128;

export function isNumeric(value: Maybe): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Int32 || value instanceof Decimal128;
}

export function isDocument(value: Maybe): value is Document {
  return value instanceof Map;
}
