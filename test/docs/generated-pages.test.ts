import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedPages } from '../../tools/docs/generated-pages.ts';

test('the pages that are made from the code say what the code says', () => {
  for (const { file, text } of generatedPages()) {
    assert.equal(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), text, `${file}: run node --import tsx tools/generate-docs.ts`);
  }
});
