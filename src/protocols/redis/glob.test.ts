import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { literalPrefix, matchesGlob } from './glob.ts';

const matches = (pattern: string, text: string, ignoreCase = false): boolean => matchesGlob(Buffer.from(pattern, 'latin1'), Buffer.from(text, 'latin1'), ignoreCase);

for (const [pattern, yes, no] of [
  ['hello', ['hello'], ['hell', 'helloo', 'Hello', '']],
  ['h?llo', ['hello', 'h?llo'], ['hllo', 'heello']],
  ['h*llo', ['hllo', 'heeello'], ['hell', 'xhllo']],
  ['*', ['a', 'ab'], ['']],
  ['', [''], ['a']],
  ['a*', ['a', 'ab'], ['ba']],
  ['h[ae]llo', ['hello', 'hallo'], ['hillo']],
  ['h[^e]llo', ['hallo'], ['hello']],
  ['h[a-c]llo', ['hbllo'], ['hdllo']],
  ['h[c-a]llo', ['hbllo'], ['hdllo']],
  ['a[', [], ['a', 'a[', 'ab']],
  ['a[b', ['ab'], ['ac']],
  ['a[]b', [], ['a]b', 'ab']],
  ['a[\\]]b', ['a]b'], ['ab']],
  ['a\\*', ['a*'], ['ab', 'a\\*']],
  ['a\\', ['a\\'], ['a']],
  // The bracket ends the range, not the class.
  ['[a-]', ['a', ']', '^'], ['-', 'b']],
  ['\xff?', ['\xff\xfe'], ['\xfe\xff']],
] as const) {
  test(`glob ${JSON.stringify(pattern)}`, () => {
    for (const text of yes) assert.ok(matches(pattern, text), text);
    for (const text of no) assert.ok(!matches(pattern, text), text);
  });
}

test('letters of any case', () => {
  assert.ok(matches('H[A-C]llo', 'hBLLO', true));
  assert.ok(!matches('H[A-C]llo', 'hBLLO'));
});

test('many stars take no exponential time', () => {
  assert.ok(!matches(`${'a*'.repeat(50)}b`, 'a'.repeat(5_000)));
});

test('of a pattern with more than a thousand stars nothing is tried', () => {
  const text = 'a'.repeat(50_000);
  assert.ok(matches('*?'.repeat(1_000), text));
  assert.ok(!matches('*?'.repeat(50_000), text));
});

test('what every match begins with', () => {
  assert.equal(literalPrefix(Buffer.from('user:*')).toString(), 'user:');
  assert.equal(literalPrefix(Buffer.from('a\\*')).toString(), 'a');
  assert.equal(literalPrefix(Buffer.from('plain')).toString(), 'plain');
});
