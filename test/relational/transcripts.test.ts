// SQL as one session sees it, statement by statement: each file in transcripts/ in a schema of its own.

import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';
import { runTranscript } from '../support/transcript.ts';

const folder = new URL('transcripts/', import.meta.url);
const database = await testDatabase('transcripts');

for (const file of readdirSync(folder)) {
  test(file, async () => {
    const client = await database.connect();
    const schema = file.replace(/\.sql$/, '');
    await client.query(`create schema ${schema}; set search_path = ${schema}`);
    await runTranscript(client, new URL(file, folder));
  });
}
