import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterScore, beforeScore, end } from '../../facets/keyvalue/index.ts';
import { memberRange, scoreRange } from './score-range.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('bounds by score, included and excluded', () => {
  const range = (minimum: string, maximum: string): unknown => scoreRange(bytes(minimum), bytes(maximum));
  assert.deepEqual(range('1', '2'), { from: beforeScore(1), to: afterScore(2) });
  assert.deepEqual(range('(1', '(2'), { from: afterScore(1), to: beforeScore(2) });
  assert.deepEqual(range('-inf', '+inf'), { from: beforeScore(-Infinity), to: end });
  assert.deepEqual(range('', '1\0rest'), { from: beforeScore(0), to: afterScore(1) });
  assert.deepEqual(range(' 1e999', '0x10'), { from: beforeScore(Infinity), to: afterScore(16) });
});

test('what is no bound by score', () => {
  for (const text of ['x', '1x', '1 ', ' ', 'nan', '(nan', '((1', '[1', '--1']) {
    assert.throws(() => scoreRange(bytes(text), bytes('1')), { message: 'ERR min or max is not a float' }, text);
  }
});

test('bounds by member', () => {
  assert.deepEqual(memberRange(bytes('-'), bytes('+')), { minimum: 'lowest', maximum: 'highest' });
  assert.deepEqual(memberRange(bytes('[a'), bytes('(')), {
    minimum: { member: bytes('a'), isExclusive: false },
    maximum: { member: bytes(''), isExclusive: true },
  });
  for (const text of ['', 'a', '-a', '+a']) {
    assert.throws(() => memberRange(bytes(text), bytes('+')), { message: 'ERR min or max not valid string range item' }, text);
  }
});
