// The messages of clients that the relay looks into, read and made anew; and the two that it answers with itself. Each function is
// named for the message. Source: PostgreSQL's manual, "Message Formats".

export const frontend = { query: 0x51, parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, close: 0x43, sync: 0x53, flush: 0x48, functionCall: 0x46, copyData: 0x64, copyDone: 0x63, copyFail: 0x66, terminate: 0x58 } as const;

const headerBytes = 5;
const end = Buffer.alloc(1);

export function frontendMessage(type: string | number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(headerBytes + body.length);
  bytes[0] = typeof type === 'number' ? type : type.charCodeAt(0);
  bytes.writeInt32BE(4 + body.length, 1);
  body.copy(bytes, headerBytes);
  return bytes;
}

export const syncMessage = frontendMessage(frontend.sync, Buffer.alloc(0));

/** Query. */
export function readQuery(message: Buffer): string {
  return textAt(message, headerBytes).text;
}

export function query(text: string): Buffer {
  return frontendMessage(frontend.query, cstring(text));
}

export type Parse = { readonly name: string; readonly text: string; /** The types of parameters, as they stand in the message. */ readonly types: Buffer };

export function readParse(message: Buffer): Parse {
  const name = textAt(message, headerBytes);
  const text = textAt(message, name.next);
  return { name: name.text, text: text.text, types: Buffer.from(message.subarray(text.next)) };
}

export function parse({ name, text, types }: Parse): Buffer {
  return frontendMessage(frontend.parse, Buffer.concat([cstring(name), cstring(text), types]));
}

export type Bind = { readonly portal: string; readonly statement: string; /** Formats and values. */ readonly rest: Buffer };

export function readBind(message: Buffer): Bind {
  const portal = textAt(message, headerBytes);
  const statement = textAt(message, portal.next);
  return { portal: portal.text, statement: statement.text, rest: message.subarray(statement.next) };
}

export function bind({ portal, statement, rest }: Bind): Buffer {
  return frontendMessage(frontend.bind, Buffer.concat([cstring(portal), cstring(statement), rest]));
}

/** The text of a Bind's one parameter; undefined where it has none, or several. */
export function readOnlyParameter({ rest }: Bind): string | undefined {
  const at = 2 + 2 * rest.readInt16BE(0);
  if (rest.readInt16BE(at) !== 1) return undefined;
  const length = rest.readInt32BE(at + 2);
  return length < 0 ? undefined : rest.toString('utf8', at + 6, at + 6 + length);
}

/** The Bind with another text for its one parameter. */
export function withOnlyParameter(message: Bind, text: string): Bind {
  const { rest } = message;
  const at = 2 + 2 * rest.readInt16BE(0);
  const value = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(value.length);
  return { ...message, rest: Buffer.concat([rest.subarray(0, at + 2), length, value, rest.subarray(at + 6 + rest.readInt32BE(at + 2))]) };
}

/** What Describe and Close are about. */
export type Target = { readonly kind: 'statement' | 'portal'; readonly name: string };

export function readTarget(message: Buffer): Target {
  return { kind: message[headerBytes] === 0x53 ? 'statement' : 'portal', name: textAt(message, headerBytes + 1).text };
}

export function targeted(type: typeof frontend.describe | typeof frontend.close, { kind, name }: Target): Buffer {
  return frontendMessage(type, Buffer.concat([Buffer.from(kind === 'statement' ? 'S' : 'P'), cstring(name)]));
}

/** The portal of an Execute, and how many rows are wanted. */
export function readExecute(message: Buffer): { readonly portal: string; readonly rows: Buffer } {
  const portal = textAt(message, headerBytes);
  return { portal: portal.text, rows: message.subarray(portal.next) };
}

export function execute(portal: string, rows: Buffer): Buffer {
  return frontendMessage(frontend.execute, Buffer.concat([cstring(portal), rows]));
}

/** ErrorResponse. */
export function errorResponse({ sqlState, message, hint }: { readonly sqlState: string; readonly message: string; readonly hint: string }): Buffer {
  const fields = { S: 'ERROR', V: 'ERROR', C: sqlState, M: message, H: hint };
  return frontendMessage('E', Buffer.concat([...Object.entries(fields).map(([name, value]) => cstring(`${name}${value}`)), end]));
}

/** ReadyForQuery of a transaction that has failed. */
export const readyInFailedTransaction = frontendMessage('Z', Buffer.from('E'));

function cstring(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), end]);
}

/** Throws for a message that ends before. */
function textAt(message: Buffer, start: number): { readonly text: string; readonly next: number } {
  const terminator = message.indexOf(0, start);
  if (terminator < 0) throw new Error('a message without an end of its text');
  return { text: message.toString('utf8', start, terminator), next: terminator + 1 };
}
