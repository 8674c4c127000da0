// The fields of commands: what a client may send, of which type, and what becomes of it. Every field of a command has its
// fate: required, optional, ignored (because it means nothing here, by its own definition), or unsupported.
// Source of types, codes and texts: MongoDB 7.0, its commands' IDL files and src/mongo/idl/idl_parser.cpp.

import { DocumentError } from '../../facets/documents/index.ts';
import { assert } from '../../kernel/assert.ts';
import { Binary, Decimal128, Int32, bsonUndefined, isNumeric, typeNameOf, type Document, type TypeName, type Value } from '../../values/bson/types.ts';
import { decimalToDouble } from '../../values/bson/decimal.ts';

/** Reads a field's value; `path` is its name for errors: `find.filter`. Throws DocumentError. */
export type Read<T> = ((value: Value, path: string) => T) & {
  /** For most fields null stands for a field that is not there; this one looks at it itself. */
  readonly takesNull?: true;
};

/** A reader that is given null too (the IDL's `any`). */
export function takingNull<T>(read: (value: Value, path: string) => T): Read<T> {
  return Object.assign((value: Value, path: string) => read(value, path), { takesNull: true as const });
}

export type RequiredField<T> = { readonly fate: 'required'; readonly read: Read<T> };
export type OptionalField<T> = { readonly fate: 'optional'; readonly read: Read<T>; readonly otherwise: T };
export type IgnoredField = { readonly fate: 'ignored'; readonly reason: string; /** Throws DocumentError for a value of another type. */ readonly read?: Read<unknown> };
export type UnsupportedField = {
  readonly fate: 'unsupported';
  readonly reason: string;
  /** Values that ask for nothing: what holds without the field. Throws DocumentError for those that make no sense at all. */
  readonly harmless?: (value: Value, path: string) => boolean;
  /** Throws DocumentError for a value of another type, which is told before the rest. */
  readonly read?: Read<unknown>;
  /** Throws DocumentError where the field would be wrong beside the others if it were supported; harmless values too. */
  readonly beside?: (fields: Document) => void;
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

export function ignored(reason: string, read?: Read<unknown>): IgnoredField {
  return { fate: 'ignored', reason, ...(read && { read }) };
}

export function unsupported(reason: string, harmless?: (value: Value, path: string) => boolean, read?: Read<unknown>, beside?: (fields: Document) => void): UnsupportedField {
  return { fate: 'unsupported', reason, ...(harmless && { harmless }), ...(read && { read }), ...(beside && { beside }) };
}

/** The value of a required field until it is read; `undefined` is one that a reader may give. */
const missing = Symbol('missing');

/** Fields as they are looked up: by name, with what the values are before anything is read. */
class FieldTable {
  readonly byName: ReadonlyMap<string, Field<unknown>>;
  readonly required: readonly string[];
  /** A place for each value, so that all values of a command have one shape. */
  readonly otherwise: Readonly<Record<string, unknown>>;

  constructor(fields: Fields) {
    const entries = Object.entries(fields);
    this.byName = new Map(entries);
    this.required = entries.flatMap(([name, { fate }]) => (fate === 'required' ? [name] : []));
    this.otherwise = Object.fromEntries(entries.flatMap(([name, field]) => (field.fate === 'required' ? [[name, missing]] : field.fate === 'optional' ? [[name, field.otherwise]] : [])));
  }
}

/** Declarations are constants of modules; made anew for each request, they would be read for it in half of its time. */
const mostDeclarations = 500;
const tables = new Map<Fields, FieldTable>();

function tableOf(fields: Fields): FieldTable {
  let table = tables.get(fields);
  if (table === undefined) {
    assert(tables.size < mostDeclarations, 'fields are declared once');
    tables.set(fields, (table = new FieldTable(fields)));
  }
  return table;
}

/**
 * Reads the fields of a document. Others are known and read elsewhere. Throws DocumentError: IDLUnknownField (40415),
 * IDLFailedToParse (40414) for a missing one, TypeMismatch, CommandNotSupported.
 */
export function readFields<F extends Fields>(document: Document, fields: F, { path, isOther }: { readonly path: string; readonly isOther?: (name: string) => boolean }): FieldValues<F> {
  const { byName, required, otherwise } = tableOf(fields);
  const values = { ...otherwise };
  for (const [name, value] of document) {
    const field = byName.get(name);
    if (field !== undefined) readField(values, { name, field, value, path, document });
    else if (isOther?.(name) !== true) throw new DocumentError('IDLUnknownField', `BSON field '${path}.${name}' is an unknown field.`);
  }
  for (const name of required) {
    if (values[name] === missing) throw new DocumentError('IDLFailedToParse', `BSON field '${path}.${name}' is missing but a required field`);
  }
  return values as FieldValues<F>;
}

function isNothing(value: Value): boolean {
  return value === null || value === bsonUndefined;
}

type ReadingField = { readonly name: string; readonly field: Field<unknown>; readonly value: Value; readonly path: string; readonly document: Document };

function readField(values: Record<string, unknown>, { name, field, value, path, document }: ReadingField): void {
  switch (field.fate) {
    case 'required':
    case 'optional':
      if (!isNothing(value) || field.read.takesNull === true) values[name] = field.read(value, `${path}.${name}`);
      return;
    case 'unsupported':
      if (isNothing(value) && field.read?.takesNull !== true) return;
      field.read?.(value, `${path}.${name}`);
      field.beside?.(document);
      if (field.harmless?.(value, `${path}.${name}`) !== true) throw new DocumentError('CommandNotSupported', `${path}: the field '${name}' is not supported: ${field.reason}`);
      return;
    case 'ignored':
      if (!isNothing(value) || field.read?.takesNull === true) field.read?.(value, `${path}.${name}`);
      return;
    default:
      return field satisfies never;
  }
}

// Types

export function wrongType(value: Value, path: string, expected: readonly TypeName[]): DocumentError {
  const types = expected.length === 1 ? `type '${expected[0]}'` : `types '[${expected.join(', ')}']`;
  return new DocumentError('TypeMismatch', `BSON field '${path}' is the wrong type '${typeNameOf(value)}', expected ${types}`);
}

export const anyValue: Read<Value> = takingNull((value) => value);

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

/** Nothing but a boolean, null neither (the IDL's `optionalBool`). */
export const plainBool: Read<boolean> = takingNull((value, path) => {
  if (typeof value === 'boolean') return value;
  throw new DocumentError('TypeMismatch', `Field '${lastOf(path)}' should be a boolean value, but found: ${typeNameOf(value)}`);
});

export function text(value: Value, path: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(value, path, ['string']);
}

/** Of an enumeration. Throws DocumentError: BadValue. */
export function oneOf(...names: readonly string[]): Read<string> {
  return (value, path) => {
    const name = text(value, path);
    if (!names.includes(name)) throw new DocumentError('BadValue', `Enumeration value '${name}' for field '${path}' is not a valid value.`);
    return name;
  };
}

export function object(value: Value, path: string): Document {
  if (value instanceof Map) return value;
  throw wrongType(value, path, ['object']);
}

/** As `object`; null is none, and the error has other words (the IDL's `object_owned_nonempty_serialize`). */
export const ownedObject: Read<Document> = takingNull((value, path) => {
  if (value instanceof Map) return value;
  throw new DocumentError('TypeMismatch', `Expected field ${lastOf(path)}to be of type object`);
});

export function array(value: Value, path: string): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, path, ['array']);
}

/** As for fields, null among them stands for none. */
export function arrayOf<T>(read: Read<T>): Read<T[]> {
  return (value, path) => array(value, path).flatMap((element, index) => (isNothing(element) && read.takesNull !== true ? [] : [read(element, `${path}.${index}`)]));
}

export function binary(value: Value, path: string): Uint8Array {
  if (value instanceof Binary) return value.bytes;
  throw wrongType(value, path, ['binData']);
}

/** Sixteen bytes of the subtype for it. */
export function uuid(value: Value, path: string): Uint8Array {
  if (!(value instanceof Binary)) throw wrongType(value, path, ['binData']);
  if (value.subtype !== uuidSubtype) throw new DocumentError('TypeMismatch', `BSON field '${path}' is the wrong binData type '${binaryTypeNames.get(value.subtype) ?? 'Custom'}', expected type 'UUID'`);
  if (value.bytes.length !== 16) throw new DocumentError('InvalidUUID', 'uuid must be a 16-byte binary field with UUID (4) subtype');
  return value.bytes;
}

const uuidSubtype = 4;
const binaryTypeNames = new Map([[0, 'general'], [1, 'function'], [2, 'byte array (deprecated)'], [3, 'UUID (deprecated)'], [5, 'MD5'], [6, 'encrypt'], [7, 'column'], [8, 'sensitive']]);

/** Any number, cut to a whole one. */
export function long(value: Value, path: string): bigint {
  if (!isNumeric(value)) throw wrongType(value, path, ['long', 'int', 'decimal', 'double']);
  if (typeof value === 'bigint') return value;
  return toLong(numberOf(value));
}

/** Any number. */
export function number(value: Value, path: string): number {
  if (!isNumeric(value)) throw wrongType(value, path, ['double', 'decimal', 'long', 'int']);
  return numberOf(value);
}

/** A 64-bit integer and nothing else. */
export function exactLong(value: Value, path: string): bigint {
  if (typeof value === 'bigint') return value;
  throw wrongType(value, path, ['long']);
}

/** A 32-bit integer and nothing else. */
export function exactInt(value: Value, path: string): number {
  if (value instanceof Int32) return value.value;
  throw wrongType(value, path, ['int']);
}

type Bounds = { readonly atLeast?: bigint; readonly atMost?: bigint; readonly below?: bigint };

/** As `long`, within bounds. Throws DocumentError: code 51024. */
export function longWithin({ atLeast, atMost, below }: Bounds): Read<bigint> {
  return (value, path) => {
    const number = long(value, path);
    const refuse = (bound: string): never => {
      throw new DocumentError(51_024, `BSON field '${lastOf(path)}' value must be ${bound}, actual value '${number}'`);
    };
    if (atLeast !== undefined && number < atLeast) refuse(`>= ${atLeast}`);
    if (atMost !== undefined && number > atMost) refuse(`<= ${atMost}`);
    if (below !== undefined && number >= below) refuse(`< ${below}`);
    return number;
  };
}

export const nonNegativeLong = longWithin({ atLeast: 0n });

/** Of the field `cursor` of commands that open one. */
export const cursorFields = { batchSize: optional(nonNegativeLong) } as const;

/** Such a field of a command that lists. */
export const listingCursor: Read<FieldValues<typeof cursorFields>> = (value, path) => readFields(object(value, path), cursorFields, { path });

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
export const hint: Read<Value> = takingNull((value) => {
  if (typeof value === 'string' || value instanceof Map) return value;
  throw new DocumentError('FailedToParse', 'Hint must be a string or an object');
});


/** `batchSize` of `find.batchSize`. */
function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
