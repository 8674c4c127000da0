// The text of a histogram, and that prom-client's own says the same of the same observations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.ts';

test("a tallied histogram renders as prom-client's", async () => {
  const options = { name: 'sizes', help: 'Sizes of things.', labelNames: ['kind', 'note'] };
  const bounds = [1, 2.5, 10];
  const registry = new Registry();
  const original = new Histogram({ ...options, buckets: bounds, registers: [registry] });
  const tallied = new TalliedHistogram({ ...options, bounds });
  for (const [kind, note, value] of [['a', 'x', 0], ['a', 'x', 1], ['b', 'q"\\\n', 2.5], ['a', 'x', 3], ['b', 'q"\\\n', 11]] as const) {
    original.observe({ kind, note }, value);
    tallied.labelled(kind, note).observe(value);
  }
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '').map(sortedLabels).toSorted();
  assert.deepEqual(linesOf(tallied.render()), linesOf(await registry.metrics()));
});

/** Labels mean the same in any order. */
function sortedLabels(line: string): string {
  return line.replace(/\{(.*)\}/u, (_, labels: string) => `{${labels.split(/,(?=\w+=")/u).toSorted().join(',')}}`);
}
