// A sort beyond what memory may hold.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import { int32, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { sourceOf } from './raw-source.ts';
import { sortSource } from './sort-source.ts';
import { FileSpill } from './spill.ts';

const count = 3_000;
const pattern = [{ path: ['a'], descending: false }];
const rows = () => sourceOf(Array.from({ length: count }, (_, index) => Buffer.from(encodeDocument(new Map<string, Value>([['_id', int32(index)], ['a', int32((index * 7) % count)]])))));

test('what memory cannot hold is sorted in files', async () => {
  let spills = 0;
  for (const memoryLimitBytes of [1_000_000, 10_000]) {
    const sorted = sortSource(rows(), pattern, { memoryLimitBytes, signal: undefined, newSpill: () => ((spills += 1), new FileSpill()) });
    const found: Value[] = [];
    while (!sorted.isExhausted) for (const bytes of await sorted.next(700)) found.push(decodeDocument(bytes).get('a')!);
    await sorted.close();
    assert.deepEqual(found, Array.from({ length: count }, (_, index) => int32(index)));
    assert.equal(spills, memoryLimitBytes === 10_000 ? 1 : 0);
  }
});

test('allowDiskUse: false refuses it', async () => {
  const sorted = sortSource(rows(), pattern, { memoryLimitBytes: 10_000, signal: undefined, newSpill: undefined });
  await assert.rejects(sorted.next(1), (error) => error instanceof DocumentError && error.number === 292);
});
