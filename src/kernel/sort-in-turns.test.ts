// Sorting in steps gives what sorting at once does, and keeps equal values as they stand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from './in-turns.ts';
import { sortedInTurns } from './sort-in-turns.ts';

for (const count of [0, 1, 2, 1_023, 1_024, 1_025, 3_000, 5_121]) {
  test(`${count} values, many of them equal`, () => {
    const values = Array.from({ length: count }, (_, index) => ({ key: (index * 7_919) % 97, index }));
    const compare = (left: { key: number }, right: { key: number }): number => left.key - right.key;
    assert.deepEqual(atOnce(sortedInTurns(values, compare)), values.toSorted(compare));
  });
}

test('it stops often', () => {
  const sorting = sortedInTurns(Array.from({ length: 10_240 }, (_, index) => (index * 7_919) % 10_240), (left, right) => left - right);
  let stops = 0;
  while (sorting.next().done !== true) stops += 1;
  // Ten runs, and four rounds of merging, in which not all of them take part.
  assert.ok(stops > 30, `${stops} stops`);
});
