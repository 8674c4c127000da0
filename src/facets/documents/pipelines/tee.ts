// One input for several readers, who get each batch together: none is more than one batch ahead, and nothing is held.

import type { Document } from '../../../values/bson/types.ts';
import type { Batches } from './stage.ts';

type Batch = IteratorResult<readonly Document[], unknown>;
type Waiting = { readonly resolve: (batch: Batch) => void; readonly reject: (error: unknown) => void };

export class Tee {
  private readonly source: AsyncIterator<readonly Document[], unknown>;
  private waiting: Waiting[] = [];
  private readers: number;
  private isEnded = false;

  /** Every reader is to begin. */
  constructor(input: Batches, readers: number) {
    this.source = input[Symbol.asyncIterator]();
    this.readers = readers;
  }

  async *read(): Batches {
    try {
      for (;;) {
        const batch = await this.next();
        if (batch.done === true) return;
        yield batch.value;
      }
    } finally {
      this.readers -= 1;
      this.serve();
    }
  }

  /** The input is left; readers that go on get no more. */
  async end(): Promise<void> {
    this.isEnded = true;
    this.serve();
    await this.source.return?.();
  }

  private next(): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.serve();
    });
  }

  /** Goes on once all readers wait. */
  private serve(): void {
    if (this.waiting.length === 0 || (!this.isEnded && this.waiting.length < this.readers)) return;
    const served = this.waiting;
    this.waiting = [];
    const batch: Promise<Batch> = this.isEnded ? Promise.resolve({ done: true, value: undefined }) : this.source.next();
    batch.then(
      (result) => served.forEach(({ resolve }) => resolve(result)),
      (error: unknown) => served.forEach(({ reject }) => reject(error)),
    );
  }
}
