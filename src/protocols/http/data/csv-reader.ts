// CSV as RFC 4180 has it, piece by piece: lines end in CRLF, LF or CR, and fields in quotes may hold them.

import { FacetError } from '../../../kernel/errors.ts';
import { LineError } from './line-error.ts';

export type CsvField = { readonly text: string; readonly isQuoted: boolean };
export type CsvRecord = { readonly fields: readonly CsvField[]; /** Of its beginning, from 1. */ readonly line: number };

export class CsvReader {
  #state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  #text = '';
  #isQuoted = false;
  #fields: CsvField[] = [];
  #length = 0;
  #line = 1;
  #recordLine = 1;
  #isAfterReturn = false;

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** Characters of the record that has begun. */
  get pendingLength(): number {
    return this.#length;
  }

  /** The records that end in this piece. Throws LineError. */
  push(piece: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    for (const character of piece) {
      const isFeedOfReturn = this.#isAfterReturn && character === '\n';
      this.#isAfterReturn = character === '\r';
      if (isFeedOfReturn) {
        if (this.#state === 'quoted') this.#take(character);
        continue;
      }
      const isLineEnd = character === '\n' || character === '\r';
      if (isLineEnd) this.#line += 1;
      if (this.#state === 'quoted') {
        if (character === '"') this.#state = 'quote';
        else this.#take(character);
      } else if (character === '"' && this.#state === 'quote') {
        this.#take(character);
        this.#state = 'quoted';
      } else if (character === '"' && this.#state === 'start') {
        this.#state = 'quoted';
        this.#isQuoted = true;
      } else if (character === ',') this.#endField();
      else if (isLineEnd) this.#endRecord(records);
      else if (this.#state === 'quote' || character === '"') throw new LineError(this.#line, new FacetError('data_invalid', 'a quote stands where none may'));
      else {
        this.#take(character);
        this.#state = 'plain';
      }
    }
    return records;
  }

  /** The record that no line end has ended. */
  end(): CsvRecord[] {
    if (this.#state === 'quoted') throw new LineError(this.#recordLine, new FacetError('data_invalid', 'a quote is not closed'));
    const records: CsvRecord[] = [];
    this.#endRecord(records);
    return records;
  }

  #take(character: string): void {
    this.#text += character;
    this.#length += 1;
  }

  #endField(): void {
    this.#fields.push({ text: this.#text, isQuoted: this.#isQuoted });
    [this.#text, this.#isQuoted, this.#state] = ['', false, 'start'];
    this.#length += 1;
  }

  #endRecord(records: CsvRecord[]): void {
    const isEmptyLine = this.#fields.length === 0 && this.#state === 'start';
    if (!isEmptyLine) {
      this.#endField();
      records.push({ fields: this.#fields, line: this.#recordLine });
    }
    this.#fields = [];
    this.#length = 0;
    this.#recordLine = this.#line;
  }
}
