import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration } from './duration.ts';

test('a span of time is told by its two largest units', () => {
  const second = 1_000;
  const cases: [number, string][] = [
    [-1, '0 s'],
    [999, '0 s'],
    [59 * second, '59 s'],
    [60 * second, '1 min'],
    [61 * second, '1 min 1 s'],
    [3_600 * second, '1 h'],
    [3_601 * second, '1 h'],
    [(86_400 + 2 * 3_600 + 60) * second, '1 d 2 h'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});
