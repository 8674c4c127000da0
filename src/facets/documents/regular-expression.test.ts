// What patterns match and capture, and which are refused, as PCRE2 10.42 does it (checked against `pcre2test`).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RegularExpressionSyntaxError } from './regular-expression-translation.ts';
import { compileForCaptures } from './regular-expression.ts';

/** The text that is matched, then what the groups capture; null where nothing matches. */
function matched(pattern: string, text: string): (string | null)[] | null {
  const { regexp, captures } = compileForCaptures(pattern, '', '$regexFind');
  const match = regexp.exec(text);
  return match && [match[0], ...captures.map((group) => match[group] ?? null)];
}

const matches: readonly (readonly [pattern: string, text: string, found: (string | null)[] | null])[] = [
  ['a\\E*b', 'aab', ['aab']],
  ['a\\Qb*\\E*', 'ab**', ['ab**']],
  ['[\\Qa-z\\E]+', 'z-ab', ['z-a']],
  ['[\\E]]', ']', [']']],
  ['(?m)^$', 'é😀', null],
  ['(?i)(.)\\1', 'éÉ', ['éÉ', 'é']],
  ['(?U)a+', 'aaa', ['a']],
  ['(?U:a+?)a', 'aaa', ['aaa']],
  ['(?n)(a)(?<name>b)', 'ab', ['ab', 'b']],
  ['(?J)(?<n>a)|(?<n>b)', 'b', ['b', null, 'b']],
  ['(?<é>a)', 'a', ['a', 'a']],
  ['(?<=ab|c)d', 'abd', ['d']],
  ['(?<=(a)\\1)b', 'aab', ['b', 'a']],
  ['(?(?=a)ab|c)', 'ab', ['ab']],
  ['(?(?!a)b)x', 'bx', ['bx']],
  ['(*pla:a)ab', 'ab', ['ab']],
  ['(*atomic:a+)b', 'aab', ['aab']],
  ['(*negative_lookbehind:a)b', 'ab', null],
  ['a(?C1)b(*MARK:here)', 'ab', ['ab']],
  ['[[:<:]]b[[:>:]]', 'ab b', ['b']],
  ['\\N{U+1F600}', '😀', ['😀']],
  ['\\p{sc:Greek}', 'aα', ['α']],
  ['\\p{alphabetic}+', '1aα', ['aα']],
  ['\\p{^ lu}', 'Aa', ['a']],
];

const refused: readonly string[] = [
  'a**', 'a{2}{3}', '^*', '\\b+', '\\A?', '{1}', '*a', '(?i)*', 'a*?+', '[\\w-a]', '[a-\\d]', '[[:alpha:]-z]', '[a-[:digit:]]', '[:alpha:]', '[[:ALPHA:]]',
  '(?<=a+)b', '(?<=(a|bb))c', '(?<!a{1,2})b', '(?<=\\R)a', '\\x{', '\\x{}', '\\x{zz}', '[\\E]', `(?<${'n'.repeat(33)}>a)`, '(?<n>a)|(?<n>b)', '\\N{1', '\\81',
  '\\p{script=nonsense}', '\\p{ lower case letter}', '(?(?=a)b|c|d)', '(*UTF16)a',
];

test('patterns match as in PCRE2', () => {
  for (const [pattern, text, found] of matches) assert.deepEqual(matched(pattern, text), found, pattern);
});

test('what PCRE2 refuses is refused', () => {
  for (const pattern of refused) assert.throws(() => matched(pattern, ''), RegularExpressionSyntaxError, pattern);
});
