// Elements as they came from the store, within the bytes that were received: for answers of very many, of which an object each would take more
// time and memory than all else.

import type { Buffer } from 'node:buffer';
import type { DataRow } from '../../engine/client.ts';

/** Which columns the rows have: fields of bytes, and a score behind them. */
export type RowColumns = { readonly bytes: 1 | 2; readonly hasScore: boolean };

export class ElementRows {
  readonly columns: RowColumns;
  readonly #isReversed: boolean;
  #buffers: Buffer[] = [];
  /** Of each field: its buffer's index, where it begins, its length. */
  #places: number[] = [];
  #scores: number[] = [];
  #byteLength = 0;
  #length = 0;

  constructor(columns: RowColumns, { isReversed = false }: { readonly isReversed?: boolean } = {}) {
    this.columns = columns;
    this.#isReversed = isReversed;
  }

  get length(): number {
    return this.#length;
  }

  /** Of all fields of bytes. */
  get byteLength(): number {
    return this.#byteLength;
  }

  add(row: DataRow): void {
    const { bytes, hasScore } = this.columns;
    if (this.#buffers.at(-1) !== row.buffer) this.#buffers.push(row.buffer);
    const buffer = this.#buffers.length - 1;
    for (let column = 0; column < bytes; column++) {
      const length = row.length(column);
      this.#places.push(buffer, row.start(column), length);
      this.#byteLength += length;
    }
    if (hasScore) this.#scores.push(row.float64(bytes));
    this.#length += 1;
  }

  /** Calls back with where a field is: no object is made of it. */
  field<T>(index: number, column: 0 | 1, take: (buffer: Buffer, start: number, length: number) => T): T {
    const at = 3 * (this.#rowAt(index) * this.columns.bytes + column);
    return take(this.#buffers[this.#places[at]!]!, this.#places[at + 1]!, this.#places[at + 2]!);
  }

  /** The bytes of a field; they share the memory of what was received with it. */
  bytes(index: number, column: 0 | 1 = 0): Buffer {
    return this.field(index, column, (buffer, start, length) => buffer.subarray(start, start + length));
  }

  score(index: number): number {
    return this.#scores[this.#rowAt(index)]!;
  }

  /** The same rows from the last to the first. */
  reversed(): ElementRows {
    const reversed = new ElementRows(this.columns, { isReversed: !this.#isReversed });
    reversed.#buffers = this.#buffers;
    reversed.#places = this.#places;
    reversed.#scores = this.#scores;
    reversed.#byteLength = this.#byteLength;
    reversed.#length = this.#length;
    return reversed;
  }

  #rowAt(index: number): number {
    return this.#isReversed ? this.#length - 1 - index : index;
  }
}
