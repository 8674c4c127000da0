// The columns of a result, as RowDescription names them, and how their bytes become values.

import type { Buffer } from 'node:buffer';
import { FacetError } from '../../kernel/errors.ts';
import type { DataRow } from './backend-reader.ts';
import type { Statement } from './statement.ts';
import { binaryDecoder } from './types.ts';

export type Column = {
  readonly name: string;
  readonly typeOid: number;
  /** How the column's bytes become a value: binary where there is a decoder for the type, else text. */
  readonly decode: (buffer: Buffer, start: number, end: number) => unknown;
  readonly format: 0 | 1;
};

export const noColumns: readonly Column[] = [];

export function readRowDescription(buffer: Buffer, start: number, { declared }: Statement): Column[] {
  const columns: Column[] = [];
  let offset = start + 2;
  for (let count = buffer.readInt16BE(start); count > 0; count--) {
    const terminator = buffer.indexOf(0, offset);
    const name = buffer.toString('utf8', offset, terminator);
    const typeOid = buffer.readUInt32BE(terminator + 7);
    const binary = binaryDecoder(typeOid);
    if (binary !== undefined) columns.push({ name, typeOid, decode: binary, format: 1 });
    else columns.push({ name, typeOid, decode: declared ? decodeUnknownBinary : decodeAsText, format: declared ? 1 : 0 });
    offset = terminator + 19;
  }
  return columns;
}

/** A row as an object by column name. */
export function objectOf(row: DataRow, columns: readonly Column[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index++) {
    const { name, decode } = columns[index]!;
    const start = row.start(index);
    const value = row.isNull(index) ? null : decode(row.buffer, start, start + row.length(index));
    if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    else object[name] = value;
  }
  return object;
}

function decodeAsText(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('utf8', start, end);
}

function decodeUnknownBinary(): never {
  throw new FacetError('internal', 'a declared statement returns a type without a binary decoder: cast it');
}
