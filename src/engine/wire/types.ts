// PostgreSQL's types on the wire: which JavaScript values stand for them, in the binary formats of their send and
// receive functions. A type is a row here; what has no row travels as text.

import { Buffer } from 'node:buffer';
import { FacetError } from '../../kernel/errors.ts';
import type { FrontendWriter } from './frontend-writer.ts';

/** How one type is written and read. `encode` writes the length word and the value; `value` is never null. */
type TypeCodec = {
  readonly oid: number;
  readonly arrayOid: number;
  readonly encode: (writer: FrontendWriter, value: never) => void;
  readonly decode: (buffer: Buffer, start: number, end: number) => unknown;
};

/** Microseconds between PostgreSQL's epoch (2000-01-01) and JavaScript's. */
const epochMs = 946_684_800_000;

function encodeText(writer: FrontendWriter, value: string): void {
  writer.counted(() => writer.utf8(value));
}

function decodeText(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('utf8', start, end);
}

function encodeUuid(writer: FrontendWriter, value: string): void {
  writer.int32(16);
  writer.bytes(Buffer.from(value.replaceAll('-', ''), 'hex'));
}

function decodeUuid(buffer: Buffer, start: number, end: number): string {
  const hex = buffer.toString('hex', start, end);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function encodeTimestamp(writer: FrontendWriter, value: Date): void {
  const milliseconds = value.getTime();
  if (Number.isNaN(milliseconds)) throw new FacetError('data_invalid', 'the date is not valid');
  writer.int32(8);
  writer.int64(BigInt(milliseconds - epochMs) * 1000n);
}

/** A Date, or ±Infinity for PostgreSQL's `infinity`. Microseconds are cut off: a Date has none. */
function decodeTimestamp(buffer: Buffer, start: number): Date | number {
  const microseconds = buffer.readBigInt64BE(start);
  if (microseconds === 0x7fff_ffff_ffff_ffffn) return Number.POSITIVE_INFINITY;
  if (microseconds === -0x8000_0000_0000_0000n) return Number.NEGATIVE_INFINITY;
  const milliseconds = microseconds / 1000n - (microseconds % 1000n < 0n ? 1n : 0n);
  return new Date(Number(milliseconds) + epochMs);
}

/** Type name → codec. The names are those of `pg_type`. */
const codecs = {
  bool: {
    oid: 16,
    arrayOid: 1000,
    encode: (writer, value: boolean) => (writer.int32(1), writer.int8(value ? 1 : 0)),
    decode: (buffer, start) => buffer[start] === 1,
  },
  bytea: {
    oid: 17,
    arrayOid: 1001,
    encode: (writer, value: Uint8Array) => (writer.int32(value.length), writer.bytes(value)),
    decode: (buffer, start, end) => Buffer.from(buffer.subarray(start, end)),
  },
  int8: {
    oid: 20,
    arrayOid: 1016,
    encode: (writer, value: bigint | number) => {
      writer.int32(8);
      if (typeof value === 'number') writer.safeInteger(value);
      else writer.int64(value);
    },
    decode: (buffer, start) => buffer.readBigInt64BE(start),
  },
  int2: {
    oid: 21,
    arrayOid: 1005,
    encode: (writer, value: number) => (writer.int32(2), writer.int16(value)),
    decode: (buffer, start) => buffer.readInt16BE(start),
  },
  int4: {
    oid: 23,
    arrayOid: 1007,
    encode: (writer, value: number) => (writer.int32(4), writer.int32(value)),
    decode: (buffer, start) => buffer.readInt32BE(start),
  },
  oid: {
    oid: 26,
    arrayOid: 1028,
    encode: (writer, value: number) => (writer.int32(4), writer.uint32(value)),
    decode: (buffer, start) => buffer.readUInt32BE(start),
  },
  float4: {
    oid: 700,
    arrayOid: 1021,
    encode: (writer, value: number) => (writer.int32(4), writer.float32(value)),
    decode: (buffer, start) => buffer.readFloatBE(start),
  },
  float8: {
    oid: 701,
    arrayOid: 1022,
    encode: (writer, value: number) => (writer.int32(8), writer.float64(value)),
    decode: (buffer, start) => buffer.readDoubleBE(start),
  },
  text: { oid: 25, arrayOid: 1009, encode: encodeText, decode: decodeText },
  varchar: { oid: 1043, arrayOid: 1015, encode: encodeText, decode: decodeText },
  bpchar: { oid: 1042, arrayOid: 1014, encode: encodeText, decode: decodeText },
  name: { oid: 19, arrayOid: 1003, encode: encodeText, decode: decodeText },
  char: { oid: 18, arrayOid: 1002, encode: encodeText, decode: decodeText },
  json: {
    oid: 114,
    arrayOid: 199,
    encode: (writer, value: unknown) => encodeText(writer, JSON.stringify(value)),
    decode: (buffer, start, end): unknown => JSON.parse(decodeText(buffer, start, end)),
  },
  jsonb: {
    oid: 3802,
    arrayOid: 3807,
    // The binary format of jsonb is a version byte (1) in front of the text.
    encode: (writer, value: unknown) =>
      writer.counted(() => {
        writer.int8(1);
        writer.utf8(JSON.stringify(value));
      }),
    decode: (buffer, start, end): unknown => JSON.parse(decodeText(buffer, start + 1, end)),
  },
  uuid: { oid: 2950, arrayOid: 2951, encode: encodeUuid, decode: decodeUuid },
  timestamptz: { oid: 1184, arrayOid: 1185, encode: encodeTimestamp, decode: decodeTimestamp },
} as const satisfies Record<string, TypeCodec>;

type ElementTypeName = keyof typeof codecs;
/** A type that a statement's parameters may be declared with: `bytea`, `int8[]`, … */
export type PgTypeName = ElementTypeName | `${ElementTypeName}[]`;

/** A parameter's type, resolved once for each statement. */
export type ParameterType = { readonly oid: number; readonly encode: (writer: FrontendWriter, value: unknown) => void };

const parameterTypes = new Map<string, ParameterType>();
const decoders = new Map<number, (buffer: Buffer, start: number, end: number) => unknown>();

for (const [name, codec] of Object.entries(codecs) as [ElementTypeName, TypeCodec][]) {
  const encode = codec.encode as (writer: FrontendWriter, value: unknown) => void;
  parameterTypes.set(name, { oid: codec.oid, encode });
  parameterTypes.set(`${name}[]`, {
    oid: codec.arrayOid,
    encode: (writer, value) => encodeArray(writer, value as readonly unknown[], codec.oid, encode),
  });
  decoders.set(codec.oid, codec.decode);
  decoders.set(codec.arrayOid, (buffer, start) => decodeArray(buffer, start, codec.decode));
}

/** The wire type of a declared parameter. */
export function parameterType(name: PgTypeName): ParameterType {
  const type = parameterTypes.get(name);
  if (type === undefined) throw new FacetError('internal', `no wire type ${name}`);
  return type;
}

/** The decoder of a type's binary format, or undefined: then ask for text. */
export function binaryDecoder(oid: number): ((buffer: Buffer, start: number, end: number) => unknown) | undefined {
  return decoders.get(oid);
}

/**
 * Writes a value whose parameter type PostgreSQL infers, in text format: strings as they are, numbers, bigints and
 * booleans by their literals, Date in ISO 8601, bytes in hex, arrays as array literals, other objects as JSON.
 */
export function encodeInferred(writer: FrontendWriter, value: unknown): void {
  encodeText(writer, textOf(value));
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
      if (Array.isArray(value)) return arrayLiteral(value);
      return JSON.stringify(value);
  }
}

function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    if (Array.isArray(value)) return arrayLiteral(value);
    return `"${textOf(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${elements.join(',')}}`;
}

function encodeArray(
  writer: FrontendWriter,
  values: readonly unknown[],
  elementOid: number,
  encode: (writer: FrontendWriter, value: unknown) => void,
): void {
  writer.counted(() => {
    writer.int32(values.length === 0 ? 0 : 1); // dimensions
    writer.int32(1); // "may hold nulls": ignored by the server
    writer.uint32(elementOid);
    if (values.length === 0) return;
    writer.int32(values.length);
    writer.int32(1); // lower bound
    for (const value of values) {
      if (value === null || value === undefined) writer.int32(-1);
      else encode(writer, value);
    }
  });
}

/** Nested arrays for several dimensions, as PostgreSQL orders them. */
function decodeArray(buffer: Buffer, start: number, decode: TypeCodec['decode']): unknown[] {
  const dimensions = buffer.readInt32BE(start);
  let offset = start + 12;
  const lengths: number[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) {
    lengths.push(buffer.readInt32BE(offset));
    offset += 8;
  }
  const readLevel = (level: number): unknown[] => {
    const values: unknown[] = [];
    for (let index = 0; index < lengths[level]!; index++) {
      if (level + 1 < dimensions) {
        values.push(readLevel(level + 1));
        continue;
      }
      const length = buffer.readInt32BE(offset);
      offset += 4;
      values.push(length < 0 ? null : decode(buffer, offset, offset + length));
      if (length > 0) offset += length;
    }
    return values;
  };
  return dimensions === 0 ? [] : readLevel(0);
}
