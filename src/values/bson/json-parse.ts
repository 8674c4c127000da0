// JSON texts to values: JSON's own grammar, and the objects in which Extended JSON wraps values of other types.
// Our own parser, since 1 and 1.0 are values of two types and JSON.parse tells them no longer.
// Source: RFC 8259, and the Extended JSON specification 2.1 (github.com/mongodb/specifications).

import { BsonError, maxDepth } from './bson-error.ts';
import { decimalFromString } from './decimal.ts';
import { unescapeText, wrapperNames } from './json-escape.ts';
import {
  Binary, bsonUndefined, BsonSymbol, Code, CodeWithScope, DateTime, DBPointer, Int32, int32, maxKey, minKey, ObjectId, RegularExpression,
  Timestamp, type Document, type Value,
} from './types.ts';

const numberText = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const spaces = /[ \t\n\r]*/y;
const simpleEscapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function malformed(what: string): BsonError {
  return new BsonError('malformed', `not Extended JSON: ${what}`);
}

/** JSON texts hold controls only as escapes. */
function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) < 0x20) return true;
  }
  return false;
}

class Parser {
  private readonly text: string;
  /** Whether U+FDD0 begins the stored form's escapes. */
  private readonly isStored: boolean;
  private at = 0;
  private depth = 0;

  constructor(text: string, isStored: boolean) {
    this.text = text;
    this.isStored = isStored;
  }

  parse(): Value {
    const value = this.value();
    this.skipSpaces();
    if (this.at !== this.text.length) throw this.unexpected();
    return value;
  }

  private unexpected(): BsonError {
    const found = this.at < this.text.length ? `'${this.text[this.at]!}'` : 'the end';
    return malformed(`${found} at position ${this.at}`);
  }

  private skipSpaces(): void {
    if (this.text.charCodeAt(this.at) > 0x20) return;
    spaces.lastIndex = this.at;
    spaces.test(this.text);
    this.at = Math.max(this.at, spaces.lastIndex);
  }

  /** Takes the character if it comes next. */
  private takes(character: string): boolean {
    this.skipSpaces();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.takes(character)) throw this.unexpected();
  }

  private value(): Value {
    this.skipSpaces();
    switch (this.text[this.at]) {
      case '{':
        return this.nested(() => this.object());
      case '[':
        return this.nested(() => this.array());
      case '"':
        return this.textOf(this.string());
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private nested(parse: () => Value): Value {
    // A wrapper nests up to two levels beneath its value.
    if (this.depth > maxDepth + 3) throw new BsonError('too_deep', 'BSONObj exceeds maximum nested object depth');
    this.depth += 1;
    const value = parse();
    this.depth -= 1;
    return value;
  }

  private word(word: string, value: Value): Value {
    if (!this.text.startsWith(word, this.at)) throw this.unexpected();
    this.at += word.length;
    return value;
  }

  private textOf(text: string): string {
    return this.isStored ? unescapeText(text) : text;
  }

  /** The quoted text at the position. */
  private string(): string {
    this.expect('"');
    const { text } = this;
    let result = '';
    for (;;) {
      const end = text.indexOf('"', this.at);
      if (end < 0) throw malformed('a text without end');
      const backslash = text.indexOf('\\', this.at);
      const isPlain = backslash < 0 || backslash > end;
      const part = text.slice(this.at, isPlain ? end : backslash);
      if (hasControl(part)) throw malformed('a control character in a text');
      result += part;
      if (isPlain) {
        this.at = end + 1;
        return result;
      }
      result += this.escaped(backslash + 1);
    }
  }

  private escaped(at: number): string {
    const letter = this.text[at] ?? '';
    if (letter === 'u') {
      const digits = this.text.slice(at + 1, at + 5);
      if (!/^[0-9a-f]{4}$/i.test(digits)) throw malformed(`\\u${digits} in a text`);
      this.at = at + 5;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = simpleEscapes[letter];
    if (character === undefined) throw malformed(`\\${letter} in a text`);
    this.at = at + 1;
    return character;
  }

  private number(): Value {
    numberText.lastIndex = this.at;
    const match = numberText.exec(this.text);
    if (match === null) throw this.unexpected();
    this.at = numberText.lastIndex;
    const [digits, fraction, exponent] = match;
    if (fraction !== undefined || exponent !== undefined) return Number(digits);
    return integerOf(digits);
  }

  private array(): Value[] {
    this.expect('[');
    const array: Value[] = [];
    if (this.takes(']')) return array;
    do array.push(this.value());
    while (this.takes(','));
    this.expect(']');
    return array;
  }

  private object(): Value {
    this.expect('{');
    const document: Document = new Map();
    let isWrapper = false;
    if (this.takes('}')) return document;
    do {
      this.skipSpaces();
      const name = this.string();
      this.expect(':');
      isWrapper ||= wrapperNames.has(name);
      const fieldName = this.textOf(name);
      if (fieldName.includes('\0')) throw malformed('a NUL in a field name');
      document.set(fieldName, this.value());
    } while (this.takes(','));
    this.expect('}');
    return isWrapper ? this.unwrapped(document) : document;
  }

  private unwrapped(document: Document): Value {
    const value = unwrap(document);
    if (value === undefined) {
      // SQL may store anything: what is no value of Extended JSON is a document that looks like one.
      if (this.isStored) return document;
      throw malformed(`a ${[...document.keys()].find((name) => wrapperNames.has(name))} of another form`);
    }
    // Extended JSON wants the letters in order; the stored form keeps what was stored.
    if (this.isStored || !(value instanceof RegularExpression)) return value;
    return new RegularExpression(value.pattern, value.options.split('').toSorted().join(''));
  }
}

/** An int where 32 bits hold it, else a long, else the nearest double; -0 is a double. */
function integerOf(digits: string): Value {
  const number = Number(digits);
  if (Object.is(number, -0)) return number;
  if (number >= -2_147_483_648 && number <= 2_147_483_647) return int32(number);
  return longOf(BigInt(digits)) ?? number;
}

function longOf(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

// ---- Wrappers

type Wrapper = (content: Value, rest: Document) => Value | undefined;

/** What each wrapper holds; undefined for a content that is not of its form. `rest` are the fields beside it. */
const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ['$oid', (content, rest) => alone(rest, objectIdOf(content))],
  ['$numberInt', (content, rest) => alone(rest, int32OfText(content))],
  ['$numberLong', (content, rest) => alone(rest, longOfText(content))],
  ['$numberDouble', (content, rest) => alone(rest, doubleOfText(content))],
  ['$numberDecimal', (content, rest) => alone(rest, typeof content === 'string' ? decimalFromString(content, { exact: true }) : undefined)],
  ['$binary', binaryOf],
  ['$uuid', (content, rest) => alone(rest, uuidOf(content))],
  ['$date', (content, rest) => alone(rest, dateOf(content))],
  ['$timestamp', (content, rest) => alone(rest, timestampOf(content))],
  ['$regularExpression', (content, rest) => alone(rest, regularExpressionOf(content))],
  ['$code', codeOf],
  ['$symbol', (content, rest) => alone(rest, typeof content === 'string' ? new BsonSymbol(content) : undefined)],
  ['$undefined', (content, rest) => alone(rest, content === true ? bsonUndefined : undefined)],
  ['$minKey', (content, rest) => alone(rest, content instanceof Int32 && content.value === 1 ? minKey : undefined)],
  ['$maxKey', (content, rest) => alone(rest, content instanceof Int32 && content.value === 1 ? maxKey : undefined)],
  ['$dbPointer', (content, rest) => alone(rest, pointerOf(content))],
]);

/** The value that a document with a wrapper's name stands for, undefined for none. The fields' order is of no matter. */
function unwrap(document: Document): Value | undefined {
  for (const [name, wrapper] of wrappers) {
    const content = document.get(name);
    if (content === undefined) continue;
    const rest = new Map(document);
    rest.delete(name);
    return wrapper(content, rest);
  }
  // A `$scope` without `$code`.
  return undefined;
}

function alone(rest: Document, value: Value | undefined): Value | undefined {
  return rest.size === 0 ? value : undefined;
}

/** The fields of a document that has exactly these. */
function fieldsOf(content: Value, names: readonly string[]): Value[] | undefined {
  if (!(content instanceof Map) || content.size !== names.length) return undefined;
  const values = names.map((name) => content.get(name));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function objectIdOf(content: Value): ObjectId | undefined {
  if (typeof content !== 'string' || !/^[0-9a-f]{24}$/i.test(content)) return undefined;
  return new ObjectId(Uint8Array.from(Buffer.from(content, 'hex')));
}

function wholeOfText(content: Value): bigint | undefined {
  return typeof content === 'string' && /^-?\d{1,20}$/.test(content) ? BigInt(content) : undefined;
}

function int32OfText(content: Value): Int32 | undefined {
  const whole = wholeOfText(content);
  return whole !== undefined && BigInt.asIntN(32, whole) === whole ? int32(Number(whole)) : undefined;
}

function longOfText(content: Value): bigint | undefined {
  const whole = wholeOfText(content);
  return whole === undefined ? undefined : longOf(whole);
}

function doubleOfText(content: Value): number | undefined {
  if (typeof content !== 'string') return undefined;
  return /^(?:-?\d+(?:\.\d*)?(?:e[+-]?\d+)?|-?Infinity|NaN)$/i.test(content) ? Number(content) : undefined;
}

function binaryOf(content: Value, rest: Document): Binary | undefined {
  // The second is the form of Extended JSON 1.
  const [base64, subtype] = rest.size === 0 ? (fieldsOf(content, ['base64', 'subType']) ?? []) : [content, fieldsOf(rest, ['$type'])?.[0]];
  if (typeof base64 !== 'string' || typeof subtype !== 'string') return undefined;
  if (!/^[0-9a-f]{1,2}$/i.test(subtype) || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  return new Binary(Uint8Array.from(Buffer.from(base64, 'base64')), Number.parseInt(subtype, 16));
}

function uuidOf(content: Value): Binary | undefined {
  if (typeof content !== 'string' || !/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(content)) return undefined;
  return new Binary(Uint8Array.from(Buffer.from(content.replaceAll('-', ''), 'hex')), 4);
}

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)$/;

function dateOf(content: Value): DateTime | undefined {
  if (typeof content === 'bigint') return new DateTime(content);
  if (content instanceof Int32) return new DateTime(BigInt(content.value));
  if (typeof content !== 'string' || !isoDate.test(content)) return undefined;
  // JavaScript wants offsets as +hh:mm.
  const ms = Date.parse(content.replace(/([+-]\d\d)$/, '$1:00').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(ms) ? undefined : new DateTime(BigInt(ms));
}

function timestampOf(content: Value): Timestamp | undefined {
  const [seconds, increment] = (fieldsOf(content, ['t', 'i']) ?? []).map(unsigned32Of);
  return seconds === undefined || increment === undefined ? undefined : new Timestamp((seconds << 32n) | increment);
}

function unsigned32Of(value: Value): bigint | undefined {
  const whole = value instanceof Int32 ? BigInt(value.value) : value;
  return typeof whole === 'bigint' && BigInt.asUintN(32, whole) === whole ? whole : undefined;
}

function regularExpressionOf(content: Value): RegularExpression | undefined {
  const [pattern, options] = fieldsOf(content, ['pattern', 'options']) ?? [];
  if (typeof pattern !== 'string' || typeof options !== 'string' || pattern.includes('\0') || options.includes('\0')) return undefined;
  return new RegularExpression(pattern, options);
}

function codeOf(content: Value, rest: Document): Code | CodeWithScope | undefined {
  if (typeof content !== 'string') return undefined;
  if (rest.size === 0) return new Code(content);
  const scope = fieldsOf(rest, ['$scope'])?.[0];
  return scope instanceof Map ? new CodeWithScope(content, scope) : undefined;
}

function pointerOf(content: Value): DBPointer | undefined {
  const [namespace, id] = fieldsOf(content, ['$ref', '$id']) ?? [];
  return typeof namespace === 'string' && id instanceof ObjectId ? new DBPointer(namespace, id) : undefined;
}

/** The value of a JSON text. Throws a BsonError where it is no JSON, or a wrapper of Extended JSON is not of its form. */
export function parseJson(text: string, { isStored }: { readonly isStored: boolean }): Value {
  return new Parser(text, isStored).parse();
}
