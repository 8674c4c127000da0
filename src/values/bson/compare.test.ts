// Keys of values for maps and sets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashKeyOf } from './compare.ts';
import { BsonSymbol, int32 } from './types.ts';

test('equal values have one key, however long, and others have others', () => {
  const text = 'x'.repeat(100_000);
  assert.equal(hashKeyOf(text), hashKeyOf(new BsonSymbol(text)));
  assert.equal(hashKeyOf([text, int32(1)]), hashKeyOf([text, 1]));
  assert.notEqual(hashKeyOf(text), hashKeyOf(`${text.slice(1)}y`));
  // Halves of pairs, which UTF-8 cannot tell apart.
  assert.notEqual(hashKeyOf(`${text}\ud800`), hashKeyOf(`${text}\ud801`));
  assert.ok(hashKeyOf(text).length < 100);
});
