// The fields of commands: what a client may send, of which type, and what becomes of it. Every field of a command has its
// fate: required, optional, ignored (because it means nothing here, by its own definition), or unsupported.
// Source of types, codes and texts: MongoDB 7.0, its commands' IDL files and src/mongo/idl/idl_parser.cpp.

import { DocumentError } from '../../facets/documents/index.ts';
import { Binary, Decimal128, Int32, isNumeric, typeNameOf, type Document, type TypeName, type Value } from '../../values/bson/types.ts';
import { decimalToDouble } from '../../values/bson/decimal.ts';

/** Reads a field's value; `path` is its name for errors: `find.filter`. Throws DocumentError. */
export type Read<T> = (value: Value, path: string) => T;

export type RequiredField<T> = { readonly fate: 'required'; readonly read: Read<T> };
export type OptionalField<T> = { readonly fate: 'optional'; readonly read: Read<T>; readonly otherwise: T };
export type IgnoredField = { readonly fate: 'ignored'; readonly reason: string };
export type UnsupportedField = {
  readonly fate: 'unsupported';
  readonly reason: string;
  /** Values that ask for nothing: what holds without the field. */
  readonly harmless?: (value: Value) => boolean;
};
export type Field<T> = RequiredField<T> | OptionalField<T> | IgnoredField | UnsupportedField;
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What `readFields` makes of them: the values by name. */
export type FieldValues<F extends Fields> = {
  readonly [Name in keyof F as F[Name] extends RequiredField<unknown> | OptionalField<unknown> ? Name : never]: F[Name] extends RequiredField<infer T>
    ? T
    : F[Name] extends OptionalField<infer T>
      ? T
      : never;
};

export function required<T>(read: Read<T>): RequiredField<T> {
  return { fate: 'required', read };
}

export function optional<T>(read: Read<T>): OptionalField<T | undefined>;
export function optional<T, Otherwise>(read: Read<T>, otherwise: Otherwise): OptionalField<T | Otherwise>;
export function optional<T>(read: Read<T>, otherwise?: unknown): OptionalField<unknown> {
  return { fate: 'optional', read, otherwise };
}

export function ignored(reason: string): IgnoredField {
  return { fate: 'ignored', reason };
}

export function unsupported(reason: string, harmless?: (value: Value) => boolean): UnsupportedField {
  return harmless === undefined ? { fate: 'unsupported', reason } : { fate: 'unsupported', reason, harmless };
}

/**
 * Reads the fields of a document. `others` are known and read elsewhere. Throws DocumentError: IDLUnknownField (40415),
 * IDLFailedToParse (40414) for a missing one, TypeMismatch, CommandNotSupported.
 */
export function readFields<F extends Fields>(document: Document, fields: F, { path, isOther = () => false }: { readonly path: string; readonly isOther?: (name: string) => boolean }): FieldValues<F> {
  const values: Record<string, unknown> = {};
  for (const [name, value] of document) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      if (isOther(name)) continue;
      throw new DocumentError('IDLUnknownField', `BSON field '${path}.${name}' is an unknown field.`);
    }
    readField(values, { name, field, value, path });
  }
  for (const [name, field] of Object.entries(fields)) {
    if (name in values) continue;
    if (field.fate === 'required') throw new DocumentError('IDLFailedToParse', `BSON field '${path}.${name}' is missing but a required field`);
    if (field.fate === 'optional') values[name] = field.otherwise;
  }
  return values as FieldValues<F>;
}

function readField(values: Record<string, unknown>, { name, field, value, path }: { readonly name: string; readonly field: Field<unknown>; readonly value: Value; readonly path: string }): void {
  switch (field.fate) {
    case 'required':
      values[name] = field.read(value, `${path}.${name}`);
      return;
    case 'optional':
      // As in MongoDB, null stands for a field that is not there.
      if (value !== null || field.read === anyValue) values[name] = field.read(value, `${path}.${name}`);
      return;
    case 'unsupported':
      if (field.harmless?.(value) !== true) throw new DocumentError('CommandNotSupported', `${path}: the field '${name}' is not supported: ${field.reason}`);
      return;
    case 'ignored':
      return;
    default:
      return field satisfies never;
  }
}

// Types

export function wrongType(value: Value, path: string, expected: readonly TypeName[]): DocumentError {
  const types = expected.length === 1 ? `type '${expected[0]}'` : `types '[${expected.join(', ')}']`;
  return new DocumentError('TypeMismatch', `BSON field '${path}' is the wrong type '${typeNameOf(value)}', expected ${types}${expected.length === 1 ? '' : "'"}`);
}

export const anyValue = (value: Value): Value => value;

export function bool(value: Value, path: string): boolean {
  if (typeof value === 'boolean') return value;
  throw wrongType(value, path, ['bool']);
}

/** Numbers too: any but zero is true. */
export function safeBool(value: Value, path: string): boolean {
  if (typeof value === 'boolean') return value;
  if (isNumeric(value)) return numberOf(value) !== 0;
  throw wrongType(value, path, ['bool', 'long', 'int', 'decimal', 'double']);
}

export function text(value: Value, path: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(value, path, ['string']);
}

export function object(value: Value, path: string): Document {
  if (value instanceof Map) return value;
  throw wrongType(value, path, ['object']);
}

export function array(value: Value, path: string): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, path, ['array']);
}

export function arrayOf<T>(read: Read<T>): Read<T[]> {
  return (value, path) => array(value, path).map((element, index) => read(element, `${path}.${index}`));
}

export function binary(value: Value, path: string): Uint8Array {
  if (value instanceof Binary) return value.bytes;
  throw wrongType(value, path, ['binData']);
}

/** Any number, cut to a whole one. */
export function long(value: Value, path: string): bigint {
  if (!isNumeric(value)) throw wrongType(value, path, ['long', 'int', 'decimal', 'double']);
  if (typeof value === 'bigint') return value;
  return toLong(numberOf(value));
}

/** As `long`, and not below zero. Throws DocumentError: code 51024. */
export function nonNegativeLong(value: Value, path: string): bigint {
  const number = long(value, path);
  if (number >= 0n) return number;
  throw new DocumentError(51_024, `BSON field '${path.slice(path.lastIndexOf('.') + 1)}' value must be >= 0, actual value '${number}'`);
}

/** Of a 32-bit field. */
export function int(value: Value, path: string): number {
  const number = long(value, path);
  return Number(number > 0x7fff_ffffn ? 0x7fff_ffffn : number < -0x8000_0000n ? -0x8000_0000n : number);
}

export function numberOf(value: number | bigint | Int32 | Decimal128): number {
  if (value instanceof Int32) return value.value;
  return value instanceof Decimal128 ? decimalToDouble(value) : Number(value);
}

function toLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}

/** An index's name, or its keys. */
export function hint(value: Value, path: string): Value {
  if (typeof value === 'string' || value instanceof Map) return value;
  throw new DocumentError('FailedToParse', `${path.slice(path.lastIndexOf('.') + 1)} must be either a string or nested object`);
}

/** Whether a collation is the comparison by bytes, which is the only one. */
export function isSimpleCollation(value: Value): boolean {
  return value === null || (value instanceof Map && (value.size === 0 || value.get('locale') === 'simple'));
}

export const collation = unsupported('strings are compared by their bytes only ({locale: "simple"})', isSimpleCollation);
