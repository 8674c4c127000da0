import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { type Frame, FrameReader } from './frame-reader.ts';
import { mongodbLimits } from './limits.ts';
import { type Request, messageReply, opCodes, queryReply, readRequest } from './message.ts';
import { ProtocolViolation } from './protocol-violation.ts';

/** `{ <key>: <int> }` as BSON. */
function documentOf(key: string, value: number): Buffer {
  const bytes = Buffer.alloc(4 + 1 + key.length + 1 + 4 + 1);
  bytes.writeInt32LE(bytes.length, 0);
  bytes[4] = 16;
  bytes.write(key, 5, 'latin1');
  bytes.writeInt32LE(value, 6 + key.length);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function messageOf(opCode: number, ...pieces: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(pieces);
  return Buffer.concat([int32(16 + body.length), int32(7), int32(0), int32(opCode), body]);
}

function sequenceOf(name: string, ...documents: readonly Buffer[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`, 'latin1'), ...documents]);
  return Buffer.concat([Buffer.from([1]), int32(4 + content.length), content]);
}

function frameOf(message: Buffer): Frame {
  const reader = new FrameReader();
  reader.push(message);
  const frame = reader.next();
  assert.ok(frame !== undefined, 'a whole message');
  assert.equal(reader.bufferedBytes, 0);
  return frame;
}

function read(message: Buffer, limit?: number): Request {
  const request = readRequest(frameOf(message), limit);
  assert(request.kind !== 'legacyRead');
  return request;
}

const [noFlags, body] = [int32(0), Buffer.concat([Buffer.from([0]), documentOf('insert', 1)])];
const documents = [documentOf('a', 1), documentOf('bb', 2)];
const insert = messageOf(opCodes.message, noFlags, body, sequenceOf('documents', ...documents));

test('an OP_MSG with its body and its document sequences, in either order', () => {
  for (const message of [insert, messageOf(opCodes.message, noFlags, sequenceOf('documents', ...documents), body)]) {
    const request = read(message);
    assert.deepEqual([request.requestId, request.kind, request.moreToCome, request.exhaustAllowed], [7, 'message', false, false]);
    assert.deepEqual(request.body, documentOf('insert', 1));
    assert.deepEqual([...request.sequences], [['documents', documents]]);
  }
});

test('its flags', () => {
  const request = read(messageOf(opCodes.message, int32(2 | (1 << 16)), body));
  assert.deepEqual([request.moreToCome, request.exhaustAllowed], [true, true]);
  // The upper sixteen may be set by who knows more than we do; the lower may not.
  assert.equal(read(messageOf(opCodes.message, int32(1 << 20), body)).moreToCome, false);
  assert.throws(() => read(messageOf(opCodes.message, int32(4), body)), ProtocolViolation);
});

test('its checksum is checked', () => {
  // The check value of the CRC catalogue for CRC-32C.
  assert.equal(crc32c(Buffer.from('1234'), Buffer.from('56789')), 0xe306_9283);
  const message = messageOf(opCodes.message, int32(1), body, int32(0));
  message.writeUInt32LE(crc32c(message.subarray(0, -4)), message.length - 4);
  assert.deepEqual(read(message).body, documentOf('insert', 1));
  message[20]! ^= 1;
  assert.throws(() => read(message), ProtocolViolation);
});

test('OP_QUERY, as old drivers say hello', () => {
  const hello = documentOf('isMaster', 1);
  const request = read(messageOf(opCodes.query, int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), hello));
  assert.deepEqual([request.kind, request.namespace], ['query', 'admin.$cmd']);
  assert.deepEqual(request.body, hello);
});

test('OP_COMPRESSED around another message', () => {
  const plain = insert.subarray(16);
  for (const [compressor, bytes] of [['zlib', deflateSync(plain)], ['noop', plain]] as const) {
    const head = [int32(opCodes.message), int32(plain.length), Buffer.from([compressor === 'zlib' ? 2 : 0])];
    const request = read(messageOf(opCodes.compressed, ...head, bytes));
    assert.equal(request.compressor, compressor);
    assert.deepEqual([...request.sequences], [['documents', documents]]);
  }
});

test('a compressed message that lies about its size, or grows beyond all bounds, is refused', () => {
  const compressed = (size: number, bytes: Buffer, { opCode = opCodes.message, id = 2 }: { opCode?: number; id?: number } = {}): Buffer =>
    messageOf(opCodes.compressed, int32(opCode), int32(size), Buffer.from([id]), bytes);
  const bomb = deflateSync(Buffer.alloc(50_000_000));
  const messages = [
    compressed(10, bomb),
    compressed(mongodbLimits.messageBytes, bomb),
    compressed(-1, bomb),
    compressed(100, deflateSync(Buffer.alloc(99))),
    compressed(100, Buffer.from('no zlib')),
    compressed(100, Buffer.alloc(100), { id: 9 }),
    compressed(100, Buffer.alloc(100), { id: 0, opCode: opCodes.compressed }),
    messageOf(opCodes.compressed, int32(1)),
  ];
  for (const message of messages) assert.throws(() => read(message), ProtocolViolation);
  // The limit of who has not authenticated holds for what comes out of it.
  assert.throws(() => read(compressed(2_000, deflateSync(Buffer.alloc(2_000))), 1_000), /a message of 2000 bytes is longer than 1000/);
});

test('malformed messages are refused', () => {
  const messages = [
    messageOf(opCodes.message),
    messageOf(opCodes.message, noFlags),
    messageOf(opCodes.message, noFlags, body, body),
    messageOf(opCodes.message, noFlags, Buffer.from([0]), int32(1_000)),
    messageOf(opCodes.message, noFlags, Buffer.from([0]), int32(4), Buffer.alloc(10)),
    messageOf(opCodes.message, noFlags, body, Buffer.from([1]), int32(1_000), Buffer.from('documents\0')),
    messageOf(opCodes.message, noFlags, body, Buffer.from([1]), int32(6), Buffer.from('documents\0')),
    messageOf(opCodes.message, noFlags, body, Buffer.from([1]), int32(-5), Buffer.from('documents\0')),
    messageOf(opCodes.message, noFlags, body, sequenceOf('documents', documents[0]!.subarray(0, -1))),
    messageOf(opCodes.message, noFlags, body, sequenceOf('documents'), sequenceOf('documents')),
    messageOf(opCodes.message, noFlags, body, Buffer.from([2])),
    messageOf(opCodes.message, int32(1), Buffer.from([0])),
    messageOf(opCodes.query, int32(0), Buffer.from('admin')),
    messageOf(opCodes.query, int32(0), Buffer.from('admin.$cmd\0'), int32(0)),
    messageOf(2002, noFlags, body),
  ];
  for (const message of messages) assert.throws(() => read(message), ProtocolViolation, message.toString('hex'));
});

test('a stream may be split at any byte', () => {
  const stream = Buffer.concat([insert, messageOf(opCodes.message, noFlags, body), insert]);
  for (let split = 0; split <= stream.length; split++) {
    const reader = new FrameReader();
    const lengths: number[] = [];
    for (const chunk of [stream.subarray(0, split), stream.subarray(split)]) {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) lengths.push(frame.body.length);
    }
    assert.deepEqual(lengths, [insert.length - 16, 4 + body.length, insert.length - 16]);
  }
  const reader = new FrameReader();
  let frames = 0;
  for (const byte of stream) {
    reader.push(Buffer.from([byte]));
    if (reader.next() !== undefined) frames += 1;
  }
  assert.deepEqual([frames, reader.bufferedBytes], [3, 0]);
});

test('a message that is shorter than its header or longer than the limit ends the connection before it is read', () => {
  for (const length of [15, 0, -1, 1_001]) {
    const reader = new FrameReader(() => 1_000);
    reader.push(int32(length));
    assert.throws(() => reader.next(), ProtocolViolation);
  }
});

test('replies are what a client reads', () => {
  const document = documentOf('ok', 1);
  const message = Buffer.concat(messageReply(document, { requestId: 9, responseTo: 7, moreToCome: true }));
  assert.deepEqual(message, Buffer.concat([int32(message.length), int32(9), int32(7), int32(opCodes.message), int32(2), Buffer.from([0]), document]));
  const reply = Buffer.concat(queryReply(document, { requestId: 9, responseTo: 7 }));
  const cursor = Buffer.alloc(12);
  assert.deepEqual(reply, Buffer.concat([int32(reply.length), int32(9), int32(7), int32(opCodes.reply), int32(8), cursor, int32(1), document]));
  for (const compressor of ['zlib', 'noop'] as const) {
    const request = read(Buffer.concat(messageReply(document, { requestId: 9, responseTo: 7, compressor })));
    assert.deepEqual([request.requestId, request.compressor], [9, compressor]);
    assert.deepEqual(request.body, document);
  }
});

test('random bytes never do more than end the connection', () => {
  let state = 20_260_101;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  for (let round = 0; round < 20_000; round++) {
    const message = Buffer.from(insert);
    for (let changes = 1 + (random() % 4); changes > 0; changes--) message[4 + (random() % (message.length - 4))] = random() >>> 24;
    try {
      const request = readRequest(frameOf(message));
      assert.ok(request.kind === 'legacyRead' || request.body.length >= 5);
    } catch (error) {
      assert.ok(error instanceof ProtocolViolation, String(error));
    }
  }
});
