// The transcripts' own reading: blocks, answers, line numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTranscript } from './transcript.ts';

test('a transcript is read as statements with their answers', () => {
  const text = ['-- a comment', '', 'select 1 as one,', '  2 as two;', '--> one | two', '--> 1   | 2', '', 'create table t ();', ''].join('\n');
  assert.deepEqual(parseTranscript(text), [
    { line: 3, sql: 'select 1 as one,\n  2 as two;', answer: ['one | two', '1 | 2'] },
    { line: 8, sql: 'create table t ();', answer: [] },
  ]);
});
