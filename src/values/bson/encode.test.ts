// Documents that outgrow the buffer that they are written into.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equalValues } from './compare.ts';
import { decodeDocument } from './decode.ts';
import { encodeDocument } from './encode.ts';
import { int32, type Document, type Value } from './types.ts';

function nested(depth: number, text: string): Document {
  const document: Document = new Map<string, Value>([['before', int32(depth)]]);
  document.set('inner', depth === 0 ? [text, [text, new Map([['text', text]])]] : [nested(depth - 1, text), int32(depth)]);
  return document.set('after', text);
}

test('a document larger than the buffer comes back as it was', () => {
  for (const length of [10_000, 60_000, 70_000, 300_000, 1_500_000]) {
    for (const depth of [0, 1, 3]) {
      const document = nested(depth, 'x'.repeat(length));
      assert.ok(equalValues(decodeDocument(encodeDocument(document)), document), `${length} characters, ${depth} levels`);
    }
  }
});
