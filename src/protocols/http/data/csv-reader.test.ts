import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvReader } from './csv-reader.ts';

function read(pieces: readonly string[]): unknown {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()].map(({ fields, line }) => [line, ...fields.map(({ text, isQuoted }) => (isQuoted ? { quoted: text } : text))]);
}

test('fields, quotes, line ends of all kinds, and the lines that records begin in', () => {
  const text = 'a,b\r\n1,"x ""y"",\r\nz"\n\n,""\rlast,';
  const expected = [[1, 'a', 'b'], [2, '1', { quoted: 'x "y",\r\nz' }], [5, '', { quoted: '' }], [6, 'last', '']];
  assert.deepEqual(read([text]), expected);
  assert.deepEqual(read(text.split('')), expected, 'character by character');
});

test('quotes that stand wrong are told with their line', () => {
  for (const [text, line] of [['a\nb"c', 2], ['a\n\n"b"c', 3], ['a\n"b\n\n', 2]] as const) assert.throws(() => read([text]), { code: 'data_invalid', line });
});
