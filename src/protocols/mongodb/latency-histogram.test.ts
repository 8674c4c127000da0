import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from './latency-histogram.ts';

test('durations are counted by the buckets of MongoDB', () => {
  const histogram = new LatencyHistogram();
  const durations = [0, 0.4, 1, 2, 3.9, 1_024, 2_047, 2_048, 3_071, 3_072, 4_096, 6_144, 1_572_864, 2_097_152, 4_194_303, 4_194_304, 2 ** 60];
  for (const micros of durations) histogram.record(micros);
  assert.deepEqual(
    [...histogram.entries()].map(({ micros, count }) => [micros, count]),
    [[0, 3], [2, 2], [1_024, 2], [2_048, 2], [3_072, 1], [4_096, 1], [6_144, 1], [1_572_864, 1], [2_097_152, 2], [4_194_304, 1], [2 ** 40, 1]],
  );
  assert.deepEqual([...new LatencyHistogram().entries()], []);
});
