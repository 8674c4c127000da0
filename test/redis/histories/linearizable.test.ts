// The checker itself: what it accepts and what it finds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Operation, findUnexplained } from './linearizable.ts';

const write = (value: string, calledAt: number, returnedAt: number): Operation => ({ write: value, calledAt, returnedAt });
const read = (value: string | null, calledAt: number, returnedAt: number): Operation => ({ read: value, calledAt, returnedAt });

test('histories that some order explains', () => {
  assert.equal(findUnexplained([]), undefined);
  assert.equal(findUnexplained([read(null, 0, 1), write('a', 2, 3), read('a', 4, 5)]), undefined);
  // Two overlapping writes take effect in either order; a read during a write sees the old or the new.
  assert.equal(findUnexplained([write('a', 0, 10), write('b', 1, 9), read('a', 11, 12)]), undefined);
  assert.equal(findUnexplained([write('a', 0, 1), write('b', 2, 10), read('a', 3, 4), read('b', 5, 6)]), undefined);
  assert.equal(findUnexplained([write('a', 0, 1), { write: 'b', read: 'a', calledAt: 2, returnedAt: 3 }]), undefined);
});

test('a stale read, a lost write and a read that goes back are found', () => {
  assert.ok(findUnexplained([write('a', 0, 1), write('b', 2, 3), read('a', 4, 5)]));
  assert.ok(findUnexplained([write('a', 0, 1), read(null, 2, 3)]));
  assert.ok(findUnexplained([write('a', 0, 1), write('b', 2, 10), read('b', 3, 4), read('a', 5, 6)]));
  assert.ok(findUnexplained([{ write: 'a', read: null, calledAt: 0, returnedAt: 5 }, { write: 'b', read: null, calledAt: 1, returnedAt: 6 }]));
});
