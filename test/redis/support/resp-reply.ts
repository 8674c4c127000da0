// Replies as they came over the wire, with nothing lost: RESP2's two nulls differ, a simple string is no bulk string.
// ("RESP protocol specification".) What the tests compare is their text, as `shownReply` gives it.

import { Buffer } from 'node:buffer';

export type RespReply =
  /** Simple strings, errors, numbers, booleans, RESP3's null: the type's byte and the rest of the line. */
  | { readonly type: '+' | '-' | ':' | ',' | '(' | '#' | '_'; readonly text: string }
  | { readonly type: '$' | '=' | '!'; readonly bytes: Buffer | null }
  /** Maps as flat lists, as they come. */
  | { readonly type: '*' | '~' | '>' | '%' | '|'; readonly items: readonly RespReply[] | null };

type Parsed = { readonly reply: RespReply; readonly end: number };

/** The reply that begins there, or undefined while bytes of it are missing. Throws for what is not RESP. */
export function parseReply(buffer: Buffer, start = 0): Parsed | undefined {
  const lineEnd = buffer.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const type = String.fromCharCode(buffer[start]!);
  const text = buffer.toString('utf8', start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (type) {
    case '+': case '-': case ':': case ',': case '(': case '#': case '_':
      return { reply: { type, text }, end: next };
    case '$': case '=': case '!':
      return parseBulk(buffer, { type, length: Number(text), start: next });
    case '*': case '~': case '>': case '%': case '|':
      return parseItems(buffer, { type, count: Number(text), start: next });
    default:
      throw new Error(`not a reply: ${JSON.stringify(buffer.toString('latin1', start, start + 60))}`);
  }
}

function parseBulk(buffer: Buffer, { type, length, start }: { type: '$' | '=' | '!'; length: number; start: number }): Parsed | undefined {
  if (length < 0) return { reply: { type, bytes: null }, end: start };
  const end = start + length;
  if (buffer.length < end + 2) return undefined;
  if (buffer.toString('latin1', end, end + 2) !== '\r\n') throw new Error(`a string of ${length} bytes does not end where it should`);
  return { reply: { type, bytes: Buffer.from(buffer.subarray(start, end)) }, end: end + 2 };
}

function parseItems(buffer: Buffer, { type, count, start }: { type: '*' | '~' | '>' | '%' | '|'; count: number; start: number }): Parsed | undefined {
  if (count < 0) return { reply: { type, items: null }, end: start };
  const items: RespReply[] = [];
  let end = start;
  for (let left = type === '%' || type === '|' ? 2 * count : count; left > 0; left--) {
    const item = parseReply(buffer, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: { type, items }, end };
}

export type ShownOptions = {
  /** Items of the outermost list, set or map in an order of their own, for replies that have none. */
  readonly sorted?: boolean;
};

/** One line that tells every difference that a client could notice. */
export function shownReply(reply: RespReply, { sorted = false }: ShownOptions = {}): string {
  if ('text' in reply) return reply.type + reply.text;
  if ('bytes' in reply) {
    const prefix = reply.type === '$' ? '' : reply.type;
    return reply.bytes === null ? '$nil' : `${prefix}"${shownBytes(reply.bytes)}"`;
  }
  if (reply.items === null) return '*nil';
  const shown = reply.items.map((item) => shownReply(item));
  const entries = reply.type === '%' || reply.type === '|' ? pairs(shown) : shown;
  return `${reply.type}[${(sorted ? entries.toSorted() : entries).join(', ')}]`;
}

function pairs(items: readonly string[]): string[] {
  return items.flatMap((key, index) => (index % 2 === 0 ? [`${key} => ${items[index + 1]}`] : []));
}

function shownBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^ -~]|["\\]/g, (character) => {
    const named = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r' }[character];
    return named ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
