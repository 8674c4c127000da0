// Files for what a pipeline's stage cannot hold in memory: documents in parts, each written from its beginning to its
// end and then read so.

import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Batches, Spill } from '../pipelines/stage.ts';

/** Of one stage. */
const mostBytes = 16 * 1_024 ** 3;
const bytesAtOnce = 1_024 * 1_024;

export class FileSpill implements Spill {
  readonly #parts = new Map<number, FileHandle>();
  #folder: string | undefined;
  #bytes = 0;

  /** Throws DocumentError: OutOfDiskSpace. */
  async write(part: number, documents: readonly Document[]): Promise<void> {
    const bytes = Buffer.concat(documents.map((document) => encodeDocument(document)));
    this.#bytes += bytes.length;
    if (this.#bytes > mostBytes) throw new DocumentError('OutOfDiskSpace', `a stage of the pipeline would write more than ${mostBytes} bytes to disk`);
    await (await this.#open(part)).appendFile(bytes);
  }

  async *read(part: number): Batches {
    if (this.#folder === undefined || !this.#parts.has(part)) return;
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of createReadStream(join(this.#folder, String(part)), { highWaterMark: bytesAtOnce })) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      const documents: Document[] = [];
      let at = 0;
      while (rest.length - at >= 4 && rest.length - at >= rest.readInt32LE(at)) {
        const end = at + rest.readInt32LE(at);
        documents.push(decodeDocument(rest.subarray(at, end)));
        at = end;
      }
      rest = rest.subarray(at);
      if (documents.length > 0) yield documents;
    }
  }

  async close(): Promise<void> {
    for (const file of this.#parts.values()) await file.close();
    this.#parts.clear();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  async #open(part: number): Promise<FileHandle> {
    const known = this.#parts.get(part);
    if (known !== undefined) return known;
    this.#folder ??= await mkdtemp(join(tmpdir(), 'facetdb-spill-'));
    const file = await open(join(this.#folder, String(part)), 'a', 0o600);
    this.#parts.set(part, file);
    return file;
  }
}
