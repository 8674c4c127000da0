// One input read by several.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int32, type Document } from '../../../values/bson/types.ts';
import { gather } from './batches.ts';
import type { Batches } from './stage.ts';
import { Tee } from './tee.ts';

function* numbers(count: number): Iterable<Document> {
  for (let index = 0; index < count; index += 1) yield new Map([['n', int32(index)]]);
}

async function* inBatches(count: number, onBatch: () => void = () => {}): Batches {
  for (const document of numbers(count)) {
    onBatch();
    yield [document];
  }
}

async function takeOne(batches: Batches): Promise<number> {
  for await (const batch of batches) return batch.length;
  return 0;
}

test('every reader gets everything, also when others leave early', async () => {
  let made = 0;
  const tee = new Tee(inBatches(100, () => (made += 1)), 3);
  const [first, one, last] = await Promise.all([gather(tee.read()), takeOne(tee.read()), gather(tee.read())]);
  assert.deepEqual([first.length, one, last.length, made], [100, 1, 100, 100]);
  await tee.end();
});

test('nobody reads on where all have left, and an error is everybody’s', async () => {
  let made = 0;
  const tee = new Tee(inBatches(100, () => (made += 1)), 2);
  await Promise.all([takeOne(tee.read()), takeOne(tee.read())]);
  await tee.end();
  assert.equal(made, 1);
  const lost = () => {
    throw new Error('lost');
  };
  const failing = new Tee(inBatches(1, lost), 2);
  const results = await Promise.allSettled([gather(failing.read()), gather(failing.read())]);
  assert.deepEqual(results.map(({ status }) => status), ['rejected', 'rejected']);
});
