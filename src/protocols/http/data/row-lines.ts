// Streams of rows, in batches: a JSON object a line, or CSV with the names of its fields in the first line (RFC 4180). Nothing
// is held but the row that is being read and the batch that it goes to.

import { StringDecoder } from 'node:string_decoder';
import { FacetError } from '../../../kernel/errors.ts';
import { httpLimits } from '../limits.ts';
import { CsvReader } from './csv-reader.ts';
import type { DataSource, RowBatch } from './data-source.ts';
import { LineError } from './line-error.ts';

type Row = RowBatch[number];

export async function* jsonRows(source: AsyncIterable<Buffer>): AsyncGenerator<RowBatch> {
  yield* inBatches(source, () => {
    let line = 0;
    let rest = '';
    const read = (text: string): Row[] => {
      line += 1;
      return text.trim() === '' ? [] : [{ text, value: objectOfLine(text, line), line }];
    };
    return {
      push: (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        assertRowFits(rest.length, line + 1);
        return lines.flatMap(read);
      },
      end: () => read(rest),
    };
  });
}

export async function* csvRows(source: AsyncIterable<Buffer>, valueOf: DataSource['csvValue']): AsyncGenerator<RowBatch> {
  yield* inBatches(source, () => {
    const reader = new CsvReader();
    let names: readonly string[] | undefined;
    const rows = (records: ReturnType<CsvReader['push']>): Row[] =>
      records.flatMap(({ fields, line }) => {
        if (names === undefined) {
          names = fields.map(({ text }) => text);
          if (new Set(names).size < names.length) throw new LineError(line, new FacetError('data_invalid', 'a field is named twice'));
          return [];
        }
        if (fields.length !== names.length) throw new LineError(line, new FacetError('data_invalid', `it has ${fields.length} fields, and the first line ${names.length}`));
        const columns = names;
        const value = Object.fromEntries(fields.map(({ text, isQuoted }, index) => [columns[index]!, fieldValue(line, () => valueOf(columns[index]!, text, isQuoted))] as const).filter(([, field]) => field !== undefined));
        return [{ text: JSON.stringify(value), value, line }];
      });
    return {
      push: (text) => {
        const read = rows(reader.push(text));
        assertRowFits(reader.pendingLength, reader.line);
        return read;
      },
      end: () => rows(reader.end()),
    };
  });
}

type Reader = { readonly push: (text: string) => readonly Row[]; readonly end: () => readonly Row[] };

async function* inBatches(source: AsyncIterable<Buffer>, open: () => Reader): AsyncGenerator<RowBatch> {
  const decoder = new StringDecoder('utf8');
  const reader = open();
  let batch: Row[] = [];
  let length = 0;
  let total = 0;
  function* add(rows: readonly Row[]): Generator<RowBatch> {
    for (const row of rows) {
      batch.push(row);
      length += row.text.length;
      if (batch.length < httpLimits.bulkBatchRows && length < httpLimits.bulkBatchBytes) continue;
      yield batch;
      [batch, length] = [[], 0];
    }
  }
  for await (const chunk of source) {
    if ((total += chunk.length) > httpLimits.bulkBytes) throw new FacetError('limit_exceeded', `a stream has at most ${httpLimits.bulkBytes} bytes`);
    yield* add(reader.push(decoder.write(chunk)));
  }
  const last = decoder.end();
  if (last !== '') yield* add(reader.push(last));
  yield* add(reader.end());
  if (batch.length > 0) yield batch;
}

function objectOfLine(text: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LineError(line, new FacetError('data_invalid', 'it is no JSON'));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new LineError(line, new FacetError('data_invalid', 'expected an object'));
  if (Object.hasOwn(value, '__proto__')) throw new LineError(line, new FacetError('data_invalid', 'the name __proto__ is not taken', { field: '__proto__' }));
  return value as Record<string, unknown>;
}

function fieldValue(line: number, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw error instanceof FacetError ? new LineError(line, error) : error;
  }
}

function assertRowFits(length: number, line: number): void {
  if (length > httpLimits.bulkRowBytes) throw new LineError(line, new FacetError('limit_exceeded', `a row has at most ${httpLimits.bulkRowBytes} bytes`));
}
