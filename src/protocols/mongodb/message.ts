// Messages of MongoDB's wire protocol: OP_MSG in both directions, OP_QUERY for the first hello of old drivers, OP_REPLY to
// that, and OP_COMPRESSED around any of them. Documents stay the bytes that they were sent as.
// Source: MongoDB's manual, "MongoDB Wire Protocol"; the drivers' specifications "OP_MSG" and "Wire Compression".

import { deflateSync, inflateSync } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { type Frame, headerBytes } from './frame-reader.ts';
import { mongodbLimits } from './limits.ts';
import { ProtocolViolation } from './protocol-violation.ts';

export const opCodes = { reply: 1, query: 2004, getMore: 2005, compressed: 2012, message: 2013 } as const;

const flags = { checksumPresent: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;
/** Of an OP_REPLY: the query failed; the server can wait for data. */
const replyFlags = { failure: 2, awaitCapable: 8 } as const;
/** A receiver must refuse those of the lower sixteen that it does not know. */
const requiredFlags = 0xffff;

/** The compressors that clients may choose, by the names and numbers of the specification. */
export const compressors = { noop: 0, zlib: 2 } as const;
export type Compressor = keyof typeof compressors;

/** An OP_MSG, or an OP_QUERY read as the command that it holds. */
export type Request = {
  readonly requestId: number;
  readonly kind: 'message' | 'query';
  /** The command, one BSON document. */
  readonly body: Buffer;
  /** Document sequences by name: each a list of BSON documents. */
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  /** The client expects no reply. */
  readonly moreToCome: boolean;
  /** The client takes several replies to this one request. */
  readonly exhaustAllowed: boolean;
  /** Of an OP_QUERY: `admin.$cmd`. */
  readonly namespace: string | undefined;
  /** The compressor that it came with; the reply should use it too. */
  readonly compressor: Compressor | undefined;
};

/** A read by an opcode that MongoDB no longer knows: what it asks for is not looked at. */
export type LegacyRead = Pick<Request, 'requestId' | 'compressor'> & { readonly kind: 'legacyRead'; readonly opcode: 'OP_QUERY' | 'OP_GET_MORE' };

/** `limit`: bytes of a message that comes compressed. Errors: ProtocolViolation. */
export function readRequest(frame: Frame, limit: number = mongodbLimits.messageBytes): Request | LegacyRead {
  if (frame.opCode !== opCodes.compressed) return readPlain(frame, undefined);
  const { frame: plain, compressor } = decompress(frame, limit);
  return readPlain(plain, compressor);
}

function readPlain(frame: Frame, compressor: Compressor | undefined): Request | LegacyRead {
  switch (frame.opCode) {
    case opCodes.message:
      return readMessage(frame, compressor);
    case opCodes.query:
      return readQuery(frame, compressor);
    case opCodes.getMore:
      return { requestId: frame.requestId, kind: 'legacyRead', opcode: 'OP_GET_MORE', compressor };
    default:
      throw new ProtocolViolation(`opcode ${frame.opCode} is not supported`);
  }
}

function readMessage(frame: Frame, compressor: Compressor | undefined): Request {
  const { requestId, body: bytes } = frame;
  if (bytes.length < 4) throw new ProtocolViolation('an OP_MSG without its flags');
  const bits = bytes.readInt32LE(0);
  const unknown = bits & requiredFlags & ~(flags.checksumPresent | flags.moreToCome);
  if (unknown !== 0) throw new ProtocolViolation(`OP_MSG flags 0x${unknown.toString(16)} are not known`);
  const end = bits & flags.checksumPresent ? checkedEnd(frame) : bytes.length;
  let body: Buffer | undefined;
  const sequences = new Map<string, readonly Buffer[]>();
  for (let at = 4; at < end; ) {
    const kind = bytes[at]!;
    at += 1;
    if (kind === 0) {
      if (body !== undefined) throw new ProtocolViolation('an OP_MSG with two bodies');
      body = documentAt(bytes, at, end);
      at += body.length;
    } else if (kind === 1) {
      const sequence = readSequence(bytes, at, end);
      if (sequences.has(sequence.name)) throw new ProtocolViolation(`the document sequence "${sequence.name}" comes twice`);
      sequences.set(sequence.name, sequence.documents);
      at = sequence.end;
    } else throw new ProtocolViolation(`OP_MSG section kind ${kind} is not known`);
  }
  if (body === undefined) throw new ProtocolViolation('an OP_MSG without a body');
  const moreToCome = (bits & flags.moreToCome) !== 0;
  return { requestId, kind: 'message', body, sequences, moreToCome, exhaustAllowed: (bits & flags.exhaustAllowed) !== 0, namespace: undefined, compressor };
}

/** Where the sections end that a checksum covers. */
function checkedEnd({ requestId, responseTo, opCode, body }: Frame): number {
  const end = body.length - 4;
  if (end < 4) throw new ProtocolViolation('an OP_MSG without its checksum');
  const header = Buffer.alloc(headerBytes);
  writeHeader(header, { length: headerBytes + body.length, requestId, responseTo, opCode });
  if (crc32c(header, body.subarray(0, end)) !== body.readUInt32LE(end)) throw new ProtocolViolation('the checksum of an OP_MSG is wrong');
  return end;
}

function readSequence(bytes: Buffer, start: number, limit: number): { readonly name: string; readonly documents: Buffer[]; readonly end: number } {
  if (start + 4 > limit) throw new ProtocolViolation('a document sequence without its size');
  const end = start + bytes.readInt32LE(start);
  const nameEnd = bytes.indexOf(0, start + 4);
  if (end > limit || nameEnd < 0 || nameEnd >= end) throw new ProtocolViolation('a document sequence of a wrong size');
  const documents: Buffer[] = [];
  for (let at = nameEnd + 1; at < end; ) {
    const document = documentAt(bytes, at, end);
    documents.push(document);
    at += document.length;
  }
  return { name: bytes.toString('utf8', start + 4, nameEnd), documents, end };
}

/** The document that begins there; its length is checked, its elements are not. */
function documentAt(bytes: Buffer, at: number, limit: number): Buffer {
  if (at + 5 > limit) throw new ProtocolViolation('a document that is cut off');
  const length = bytes.readInt32LE(at);
  if (length < 5 || at + length > limit) throw new ProtocolViolation(`a document of ${length} bytes does not fit its message`);
  return bytes.subarray(at, at + length);
}

function readQuery({ requestId, body: bytes }: Frame, compressor: Compressor | undefined): Request | LegacyRead {
  const nameEnd = bytes.indexOf(0, 4);
  if (nameEnd < 0 || nameEnd + 9 > bytes.length) throw new ProtocolViolation('an OP_QUERY that is cut off');
  // Behind the name: how many documents to skip and to return, which mean nothing for a command.
  const body = documentAt(bytes, nameEnd + 9, bytes.length);
  const namespace = bytes.toString('utf8', 4, nameEnd);
  if (!namespace.endsWith('.$cmd')) return { requestId, kind: 'legacyRead', opcode: 'OP_QUERY', compressor };
  return { requestId, kind: 'query', body, sequences: new Map(), moreToCome: false, exhaustAllowed: false, namespace, compressor };
}

function decompress({ requestId, responseTo, body }: Frame, limit: number): { readonly frame: Frame; readonly compressor: Compressor } {
  if (body.length < 9) throw new ProtocolViolation('an OP_COMPRESSED that is cut off');
  const opCode = body.readInt32LE(0);
  const size = body.readInt32LE(4);
  const compressor = nameOfCompressor(body[8]!);
  if (opCode === opCodes.compressed) throw new ProtocolViolation('an OP_COMPRESSED within another');
  if (size < 0 || size > limit - headerBytes) throw new ProtocolViolation(`a message of ${size} bytes is longer than ${limit}`);
  const plain = compressor === 'noop' ? body.subarray(9) : inflate(body.subarray(9), size);
  if (plain.length !== size) throw new ProtocolViolation(`a compressed message holds ${plain.length} bytes instead of ${size}`);
  return { frame: { requestId, responseTo, opCode, body: plain }, compressor };
}

function nameOfCompressor(number: number): Compressor {
  for (const [name, id] of Object.entries(compressors)) if (id === number) return name as Compressor;
  throw new ProtocolViolation(`compressor ${number} was not agreed upon`);
}

function inflate(bytes: Buffer, size: number): Buffer {
  try {
    // A byte more than it may have is enough to see that it has too many.
    return inflateSync(bytes, { maxOutputLength: size + 1 });
  } catch {
    throw new ProtocolViolation('a compressed message cannot be read');
  }
}

export type ReplyOptions = {
  readonly requestId: number;
  readonly responseTo: number;
  /** More replies to the same request follow. */
  readonly moreToCome?: boolean;
  readonly compressor?: Compressor | undefined;
  /** Of an OP_REPLY: its document is an error, and no result. */
  readonly isFailure?: boolean;
};

/** What stands before the document of an OP_MSG: its header, its flags, and the kind of the section. */
export const messageHeadBytes = headerBytes + 5;

/** How long a request is as an OP_MSG, whatever it came as. */
export function messageBytesOf({ body, sequences }: Request): number {
  let length = messageHeadBytes + body.length;
  // Each sequence has its kind, its length and its name with an end.
  for (const [name, documents] of sequences) length += documents.reduce((sum, document) => sum + document.length, 6 + Buffer.byteLength(name));
  return length;
}

/** Makes an OP_MSG of a document for which its head was left room: the most frequent reply is not copied once more. */
export function writeMessageHead(message: Buffer, { requestId, responseTo }: Pick<ReplyOptions, 'requestId' | 'responseTo'>): void {
  writeHeader(message, { length: message.length, requestId, responseTo, opCode: opCodes.message });
  message.writeInt32LE(0, headerBytes);
  message[headerBytes + 4] = 0;
}

/** An OP_MSG of one document, in pieces to be written in a row. */
export function messageReply(document: Uint8Array, { requestId, responseTo, moreToCome = false, compressor }: ReplyOptions): Uint8Array[] {
  const head = Buffer.alloc(messageHeadBytes);
  writeHeader(head, { length: head.length + document.length, requestId, responseTo, opCode: opCodes.message });
  head.writeInt32LE(moreToCome ? flags.moreToCome : 0, headerBytes);
  return compressor === undefined ? [head, document] : compress([head, document], compressor);
}

/** An OP_REPLY of one document, for who asked by OP_QUERY. */
export function queryReply(document: Uint8Array, { requestId, responseTo, compressor, isFailure = false }: ReplyOptions): Uint8Array[] {
  const head = Buffer.alloc(headerBytes + 20);
  writeHeader(head, { length: head.length + document.length, requestId, responseTo, opCode: opCodes.reply });
  // Flags, a cursor id of eight bytes and where it begins, and how many documents follow.
  head.writeInt32LE(isFailure ? replyFlags.failure : replyFlags.awaitCapable, headerBytes);
  head.writeInt32LE(1, headerBytes + 16);
  return compressor === undefined ? [head, document] : compress([head, document], compressor);
}

function compress(pieces: readonly Uint8Array[], compressor: Compressor): Uint8Array[] {
  const message = Buffer.concat(pieces);
  const plain = message.subarray(headerBytes);
  const compressed = compressor === 'noop' ? plain : deflateSync(plain);
  const head = Buffer.alloc(headerBytes + 9);
  writeHeader(head, { length: head.length + compressed.length, requestId: message.readInt32LE(4), responseTo: message.readInt32LE(8), opCode: opCodes.compressed });
  head.writeInt32LE(message.readInt32LE(12), headerBytes);
  head.writeInt32LE(plain.length, headerBytes + 4);
  head[headerBytes + 8] = compressors[compressor];
  return [head, compressed];
}

type Header = { readonly length: number; readonly requestId: number; readonly responseTo: number; readonly opCode: number };

function writeHeader(buffer: Buffer, { length, requestId, responseTo, opCode }: Header): void {
  buffer.writeInt32LE(length, 0);
  buffer.writeInt32LE(requestId, 4);
  buffer.writeInt32LE(responseTo, 8);
  buffer.writeInt32LE(opCode, 12);
}
