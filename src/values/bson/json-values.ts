// Values to JSON texts: canonical Extended JSON, or the form that is stored (see stored-json.ts for its rules).
// Source: the Extended JSON specification 2.1 (github.com/mongodb/specifications).

import { unreachable } from '../../kernel/assert.ts';
import { decimalToString } from './decimal.ts';
import { escapeName, escapeText } from './json-escape.ts';
import {
  Binary, BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, MaxKey, MinKey, ObjectId,
  RegularExpression, Timestamp, type Document, type Value,
} from './types.ts';

export type JsonStyle = 'canonical' | 'stored';

/**
 * The digits of a finite double other than -0, always with a fraction, also where PostgreSQL writes all zeros out. The same as
 * `String(value)`, which V8 would remember for thousands of numbers: loading documents with doubles filled the old heap with texts.
 */
export function doubleDigits(value: number): string {
  const text = JSON.stringify(value);
  if (!Number.isInteger(value)) return text;
  const exponentAt = text.indexOf('e');
  return exponentAt < 0 ? `${text}.0` : `${withoutExponent(text, exponentAt)}.0`;
}

/** 1.5e+21 as 1500000000000000000000. */
function withoutExponent(text: string, exponentAt: number): string {
  const [whole = '', fraction = ''] = text.slice(0, exponentAt).split('.');
  return whole + fraction.padEnd(Number(text.slice(exponentAt + 1)), '0');
}

function doubleText(value: number, style: JsonStyle): string {
  if (!Number.isFinite(value)) return `{"$numberDouble":"${value}"}`;
  if (Object.is(value, -0)) return '{"$numberDouble":"-0.0"}';
  if (style === 'stored') return doubleDigits(value);
  const text = String(value);
  return `{"$numberDouble":"${Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text}"}`;
}

function stringText(text: string, style: JsonStyle): string {
  return JSON.stringify(style === 'stored' ? escapeText(text) : text);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function binaryText({ bytes, subtype }: Binary): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return `{"$binary":{"base64":"${base64}","subType":"${subtype.toString(16).padStart(2, '0')}"}}`;
}

function documentText(document: Document, style: JsonStyle): string {
  const fields: string[] = [];
  for (const [name, value] of document) {
    fields.push(`${JSON.stringify(style === 'stored' ? escapeName(name) : name)}:${jsonOf(value, style)}`);
  }
  return `{${fields.join(',')}}`;
}

/** The value as a JSON text without spaces. */
export function jsonOf(value: Value, style: JsonStyle): string {
  switch (typeof value) {
    case 'number':
      return doubleText(value, style);
    case 'bigint':
      return `{"$numberLong":"${value}"}`;
    case 'string':
      return stringText(value, style);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return objectText(value, style);
  }
}

function objectText(value: Exclude<Value, number | bigint | string | boolean>, style: JsonStyle): string {
  if (value === null) return 'null';
  if (value instanceof Int32) return style === 'stored' ? String(value.value) : `{"$numberInt":"${value.value}"}`;
  if (value instanceof Map) return documentText(value, style);
  if (Array.isArray(value)) return `[${value.map((element) => jsonOf(element, style)).join(',')}]`;
  if (value instanceof ObjectId) return `{"$oid":"${hexOf(value.bytes)}"}`;
  if (value instanceof DateTime) return `{"$date":{"$numberLong":"${value.ms}"}}`;
  if (value instanceof Decimal128) return `{"$numberDecimal":"${decimalToString(value)}"}`;
  if (value instanceof Binary) return binaryText(value);
  if (value instanceof Timestamp) return `{"$timestamp":{"t":${value.value >> 32n},"i":${value.value & 0xff_ff_ff_ffn}}}`;
  if (value instanceof RegularExpression) {
    const options = style === 'canonical' ? value.options.split('').toSorted().join('') : value.options;
    return `{"$regularExpression":{"pattern":${stringText(value.pattern, style)},"options":${stringText(options, style)}}}`;
  }
  if (value instanceof Code) return `{"$code":${stringText(value.code, style)}}`;
  if (value instanceof CodeWithScope) return `{"$code":${stringText(value.code, style)},"$scope":${documentText(value.scope, style)}}`;
  if (value instanceof BsonSymbol) return `{"$symbol":${stringText(value.value, style)}}`;
  if (value instanceof DBPointer) return `{"$dbPointer":{"$ref":${stringText(value.namespace, style)},"$id":{"$oid":"${hexOf(value.id.bytes)}"}}}`;
  if (value instanceof MinKey) return '{"$minKey":1}';
  if (value instanceof MaxKey) return '{"$maxKey":1}';
  if (value instanceof BsonUndefined) return '{"$undefined":true}';
  return unreachable(value);
}
