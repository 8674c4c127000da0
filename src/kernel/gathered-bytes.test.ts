import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatheredBytes } from './gathered-bytes.ts';

for (const wanted of [1, 1_000, 3 * 1024 * 1024]) {
  test(`${wanted} bytes in pieces are put together, and no more is taken`, () => {
    const bytes = Buffer.alloc(wanted, 'not a divisor');
    const gathered = new GatheredBytes(wanted);
    for (let start = 0; start < wanted; start += 65_521) {
      const piece = bytes.subarray(start, start + 65_521);
      assert.equal(gathered.add(piece), piece.length);
    }
    assert.equal(gathered.length, wanted);
    assert.equal(gathered.add(Buffer.from('more')), 0);
    assert.ok(gathered.take().equals(bytes));
  });
}

test('a piece that goes on beyond the end is taken up to there', () => {
  const gathered = new GatheredBytes(5);
  assert.equal(gathered.add(Buffer.from('abc')), 3);
  assert.equal(gathered.add(Buffer.from('defg')), 2);
  assert.equal(gathered.take().toString(), 'abcde');
});
