// What patterns match and capture, and which are refused, as PCRE2 10.42 does it (checked against `pcre2test`).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compileForCaptures } from './compile.ts';
import { RegularExpressionSyntaxError } from './syntax-error.ts';

/** The text that is matched, then what the groups capture; null where nothing matches. */
function matched(pattern: string, text: string): (string | null)[] | null {
  const match = compileForCaptures(pattern, '', '$regexFind').find(text, 0);
  return match && [text.slice(match.start, match.end), ...match.captures.map((capture) => capture ?? null)];
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
  ['(?i)\\P{Lu}', 'Aa', ['a']],
  ['(?i)\\w+', '\u017fs\u212a', ['s']],
  ['(?i)[s]+', 'ſs', ['ſs']],
  ['(?i)[[:lower:]]+', 'Ab', ['Ab']],
  ['(?i)ς', 'Σ', ['Σ']],
  ['(?:(a)|b)+', 'ab', ['ab', 'a']],
  ['(a*)*', 'aa', ['aa', '']],
  ['()?', 'a', ['', '']],
  ['(|a)+', 'aa', ['', '']],
  ['(a)|\\1b', 'b', null],
  ['(?|(a)|(b))c', 'bc', ['bc', 'b']],
  ['(?J)(?<n>a)?(?<n>b)?\\k<n>', 'bb', ['bb', null, 'b']],
  ['(a)?(?(1)b|c)', 'ac', ['c', null]],
  ['(?<n>a)?(?(<n>)b|c)', 'ab', ['ab', 'a']],
  ['\\((?:[^()]|(?R))*\\)', 'x(a(b)c)', ['(a(b)c)']],
  ['(?<pair>a\\g<pair>?b)', 'aabb', ['aabb', 'aabb']],
  ['(?(DEFINE)(?<digit>\\d))(?&digit)x', '1x', ['1x', null]],
  ['^(.|(.)(?1)\\2)$', 'aba', ['aba', 'aba', 'a']],
  ['ab\\Kc', 'abc', ['c']],
  ['\\Gb', 'ab', null],
  ['\\X', 'e\u0301x', ['e\u0301']],
  ['a(*ACCEPT)b', 'ac', ['a']],
  ['(a(*ACCEPT)b)c', 'ax', ['a', 'a']],
  ['a+(*COMMIT)b', 'aac ab', null],
  ['a(*PRUNE)c|.', 'ab', ['b']],
  ['aaa(*SKIP)b|a', 'aaaca', ['a']],
  ['(?:a(*THEN)c|ab)', 'ab', ['ab']],
];

const refused: readonly string[] = [
  'a**', 'a{2}{3}', '^*', '\\b+', '\\A?', '{1}', '*a', '(?i)*', 'a*?+', '[\\w-a]', '[a-\\d]', '[[:alpha:]-z]', '[a-[:digit:]]', '[:alpha:]', '[[:ALPHA:]]',
  '(?<=a+)b', '(?<=(a|bb))c', '(?<!a{1,2})b', '(?<=\\R)a', '\\x{', '\\x{}', '\\x{zz}', '[\\E]', `(?<${'n'.repeat(33)}>a)`, '(?<n>a)|(?<n>b)', '\\N{1', '\\81',
  '\\p{script=nonsense}', '\\p{ lower case letter}', '(?(?=a)b|c|d)', '(*UTF16)a', '(?(1)a)', '(?1)', '(?=\\K)', '(?*a)',
];

test('patterns match as in PCRE2', () => {
  for (const [pattern, text, found] of matches) assert.deepEqual(matched(pattern, text), found, pattern);
});

test('what PCRE2 refuses is refused', () => {
  for (const pattern of refused) assert.throws(() => matched(pattern, ''), RegularExpressionSyntaxError, pattern);
});
