// Each file in transcripts/, line by line, on FacetDB and on a real Redis, in both versions of the protocol: the replies
// are the same.
//
//   node --import tsx --test --test-name-pattern=lists test/redis/side-by-side.test.ts

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { parseRedisTranscript } from './support/redis-transcript.ts';
import { compareReplies, shownDifferences } from './support/side-by-side.ts';

const folder = new URL('transcripts/', import.meta.url);
const skip = missingOriginal();
const addresses = skip === false ? await startBoth() : undefined;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  const steps = parseRedisTranscript(readFileSync(new URL(file, folder), 'utf8'));
  for (const protocol of [2, 3] as const) {
    test(`${file} in RESP${protocol}`, { skip }, async () => {
      assert.ok(addresses);
      const differences = await compareReplies(steps, addresses, { protocol });
      assert.ok(differences.length === 0, shownDifferences(differences, file));
    });
  }
}

async function startBoth() {
  const [facetdb, original] = await Promise.all([startFacetDB(), startOriginalRedis()]);
  after(() => original.stop());
  return { facetdb, original: original.address };
}
