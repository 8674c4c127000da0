// The public BSON corpus, where it is at hand: what is stored comes back byte for byte, what is malformed is refused.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { BsonError } from '../../src/values/bson/bson-error.ts';
import { decodeDocument, validateDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { fromStoredJson, toStoredJson } from '../../src/values/bson/extended-json.ts';

const folder = fileURLToPath(new URL('../../../shared/suites/bson-corpus/cases', import.meta.url));
type Corpus = { readonly valid?: readonly { readonly description: string; readonly canonical_bson: string }[]; readonly decodeErrors?: readonly { readonly description: string; readonly bson: string }[] };

const corpora = existsSync(folder) ? readdirSync(folder).map((file) => ({ file, corpus: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Corpus })) : [];

test('the BSON corpus', { skip: corpora.length === 0 && 'the corpus is not at hand' }, async (t) => {
  for (const { file, corpus } of corpora) {
    await t.test(file, () => {
      for (const { description, canonical_bson: hex } of corpus.valid ?? []) {
        const bytes = Buffer.from(hex, 'hex');
        validateDocument(bytes);
        assert.equal(Buffer.from(encodeDocument(decodeDocument(bytes))).toString('hex').toUpperCase(), hex.toUpperCase(), description);
        assert.equal(Buffer.from(encodeDocument(fromStoredJson(toStoredJson(bytes)))).toString('hex').toUpperCase(), hex.toUpperCase(), `${description}, stored`);
      }
      for (const { description, bson } of corpus.decodeErrors ?? []) assert.throws(() => validateDocument(Buffer.from(bson, 'hex')), BsonError, description);
    });
  }
});
