// A server that answers a MongoDB driver with replies made beforehand, in a process of its own: what a driver takes for an
// operation when the server takes nothing. They tell the time of a replica set's clock as every member's replies do: the driver
// reads it and sends it back, a fifth of what it takes for a findOne. Run by itself, it serves until it is killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Socket, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { LogicalClock } from '../../src/protocols/mongodb/clock.ts';
import { FrameReader } from '../../src/protocols/mongodb/frame-reader.ts';
import { messageReply, queryReply, readRequest } from '../../src/protocols/mongodb/message.ts';
import { RawDocuments, okElement, withTail } from '../../src/protocols/mongodb/raw-documents.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { DateTime, Int32, int32, type Document, type Value } from '../../src/values/bson/types.ts';
import { row } from './works.ts';

const file = fileURLToPath(import.meta.url);
/** Documents of a batch when all are read: as FacetDB's, about as many as 1 MB holds. */
const batchDocuments = 2_200;
const firstBatch = 101;

export class CannedServer {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  }

  /** `documents`: how many there are when all are read. */
  static async start(documents: number): Promise<CannedServer> {
    const child = spawn(process.execPath, ['--import', 'tsx', file, String(documents)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line)));
      child.once('exit', () => reject(new Error('the server of canned replies did not start')));
    });
    return new CannedServer(child, port);
  }

  stop(): void {
    this.#child.kill();
  }
}

const helloReply: Document = new Map<string, Value>([
  ['isWritablePrimary', true], ['setName', 'canned'], ['hosts', ['127.0.0.1:1']], ['setVersion', int32(1)], ['maxBsonObjectSize', int32(16 * 1_024 * 1_024)], ['maxMessageSizeBytes', int32(48_000_000)],
  ['maxWriteBatchSize', int32(100_000)], ['localTime', new DateTime(0n)], ['logicalSessionTimeoutMinutes', int32(30)], ['minWireVersion', int32(0)], ['maxWireVersion', int32(21)], ['ok', 1],
]);
const ok: Document = new Map<string, Value>([['ok', 1]]);
const written: Document = new Map<string, Value>([['n', int32(1)], ['nModified', int32(1)], ['ok', 1]]);

function serve(documents: number): void {
  const all = Array.from({ length: batchDocuments }, (_, index) => row(index)[2]);
  const groups = Array.from({ length: 100 }, (_, index) => bufferOf(new Map<string, Value>([['_id', `group ${index}`], ['count', int32(1_000)], ['score', index / 7]])));
  const clock = new LogicalClock();
  /** Of the one cursor that is read at a time. */
  let left = 0;
  const cursor = (batchName: 'firstBatch' | 'nextBatch', batch: readonly Buffer[]): Buffer => new RawDocuments({ batchName, documents: batch, cursorId: left > 0 ? 1n : 0n, namespace: 'bench.things' }).encode([okElement, clock.tail()]);
  const withTime = (reply: Document): Buffer => withTail(encodeDocument(reply), clock.tail());
  const findReply = (limit: Value | undefined): Buffer => {
    const count = limit instanceof Int32 ? limit.value : firstBatch;
    left = limit instanceof Int32 ? 0 : documents - count;
    return cursor('firstBatch', all.slice(0, count));
  };
  const moreReply = (): Buffer => {
    const batch = all.slice(0, Math.min(left, batchDocuments));
    left -= batch.length;
    return cursor('nextBatch', batch);
  };
  const replyTo = (body: Document, sent: number): Buffer => {
    const [name = ''] = body.keys();
    switch (name) {
      case 'find':
        return findReply(body.get('limit'));
      case 'getMore':
        return moreReply();
      case 'aggregate':
        return cursor('firstBatch', groups);
      case 'insert':
        return withTime(new Map<string, Value>([['n', int32(sent)], ['ok', 1]]));
      case 'update':
        return withTime(written);
      default:
        return withTime(/^(hello|ismaster)$/i.test(name) ? helloReply : ok);
    }
  };
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    const frames = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk);
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        const request = readRequest(frame);
        if (request.kind === 'legacyRead') throw new Error(`${request.opcode} is not answered`);
        const reply = replyTo(decodeDocument(request.body), request.sequences.get('documents')?.length ?? 1);
        const head = { requestId: 1, responseTo: request.requestId };
        socket.write(Buffer.concat(request.kind === 'query' ? queryReply(reply, head) : messageReply(reply, head)));
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    console.log(address !== null && typeof address === 'object' ? address.port : 0);
  });
}

function bufferOf(document: Document): Buffer {
  return Buffer.from(encodeDocument(document));
}

if (process.argv[1] === file) serve(Number(process.argv[2]));
