import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../filters/parse-filter.ts';
import { toDocument } from '../filters/plain-values.ts';
import { implies } from './implies.ts';

function isImplied(filter: Record<string, unknown>, implied: Record<string, unknown>): boolean {
  return implies(parseFilter(toDocument(filter)), parseFilter(toDocument(implied)));
}

test('what follows from a filter', () => {
  for (const [filter, implied] of [
    [{ a: 5 }, {}], [{ a: 5 }, { a: 5 }], [{ a: 5, b: 1 }, { a: 5 }], [{ a: 5 }, { a: { $exists: true } }], [{ a: { $gt: 5 } }, { a: { $gte: 5 } }],
    [{ a: { $gt: 6 } }, { a: { $gt: 5 } }], [{ a: 7 }, { a: { $gt: 5 } }], [{ a: { $lt: 5 } }, { a: { $lte: 5 } }], [{ a: { $in: [6, 7] } }, { a: { $gt: 5 } }],
    [{ a: { $in: [6, 7] } }, { a: { $in: [7, 6, 8] } }], [{ a: 6 }, { $or: [{ a: { $lt: 2 } }, { a: { $gt: 5 } }] }], [{ $or: [{ a: 6 }, { a: 1 }] }, { $or: [{ a: { $lt: 2 } }, { a: { $gt: 5 } }] }],
    [{ a: { $type: 'string' } }, { a: { $type: ['string', 'int'] } }], [{ a: { $ne: null } }, { a: { $exists: true } }], [{ a: /x/ }, { a: { $exists: true } }], [{ a: 'x', b: { $gt: 2 } }, { a: 'x', b: { $gt: 1 } }],
  ] as const) assert.ok(isImplied(filter, implied), JSON.stringify([filter, implied]));
});

test('what does not follow', () => {
  for (const [filter, implied] of [
    [{}, { a: 5 }], [{ a: 5 }, { b: 5 }], [{ a: { $gte: 5 } }, { a: { $gt: 5 } }], [{ a: { $lt: 7 } }, { a: { $gt: 5 } }], [{ a: 'x' }, { a: { $gt: 5 } }], [{ a: null }, { a: { $exists: true } }],
    [{ a: { $in: [5, null] } }, { a: { $exists: true } }], [{ a: { $in: [5, 9] } }, { a: { $gt: 5 } }], [{ a: { $ne: 5 } }, { a: { $exists: true } }], [{ $or: [{ a: 6 }, { b: 1 }] }, { a: 6 }],
    [{ a: 5 }, { a: 5, b: 1 }], [{ a: Number.NaN }, { a: { $lt: 5 } }], [{ a: { $gte: [1] } }, { a: { $gte: [0] } }], [{ a: { $type: ['string', 'int'] } }, { a: { $type: 'string' } }], [{ $nor: [{ a: 5 }] }, { a: { $exists: true } }],
  ] as const) assert.ok(!isImplied(filter, implied), JSON.stringify([filter, implied]));
});
