// The transcripts' own reading: words, marks, directives.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { parseRedisTranscript } from './redis-transcript.ts';

test('lines are commands, with their numbers', () => {
  const steps = parseRedisTranscript('# a comment\n\nSET k "a b\\x00"\n~ SMEMBERS s\n? TTL k\n& BLPOP l 0\n');
  assert.deepEqual(steps.map((step) => [step.line, words(step), step.kind === 'exchange' && [step.receives, step.comparison]]), [
    [3, ['SET', 'k', 'a b\0'], [true, 'exact']],
    [4, ['SMEMBERS', 's'], [true, 'unordered']],
    [5, ['TTL', 'k'], [true, 'type']],
    [6, ['BLPOP', 'l', '0'], [false, 'exact']],
  ]);
});

test('a word may stand for many', () => {
  const [range, pairs, text, other] = parseRedisTranscript('RPUSH l <#|-1..2>\nZADD z "<# m:#|1..2>"\nSET k <ab*3>\nZRANGE z <a *\n');
  assert.deepEqual(words(range), ['RPUSH', 'l', '-1', '0', '1', '2']);
  assert.deepEqual(words(pairs), ['ZADD', 'z', '1', 'm:1', '2', 'm:2']);
  assert.deepEqual(words(text), ['SET', 'k', 'ababab']);
  assert.deepEqual(words(other), ['ZRANGE', 'z', '<a', '*']);
});

test('directives', () => {
  const [raw, , connection, wait, receive] = parseRedisTranscript('@raw "PING\\r\\n"\n@resp3\n@connection second\n@wait 20\n? @receive\n');
  assert.deepEqual(raw?.kind === 'exchange' && raw.request, Buffer.from('PING\r\n'));
  assert.equal(connection?.kind === 'connection' && connection.name, 'second');
  assert.equal(wait?.kind === 'wait' && wait.milliseconds, 20);
  assert.ok(receive?.kind === 'exchange' && receive.request === undefined && receive.comparison === 'type');
});

test('a known difference belongs to the next command', () => {
  const steps = parseRedisTranscript('@differs it has to\nGET a\nGET b\n');
  assert.deepEqual(steps.map((step) => step.kind === 'exchange' && step.differs), ['it has to', undefined]);
});

test('what cannot be understood is an error that names its line', () => {
  assert.throws(() => parseRedisTranscript('PING\nSET k "a\n'), /line 2: SET k "a/);
  assert.throws(() => parseRedisTranscript('@nonsense\n'), /line 1/);
});

function words(step: ReturnType<typeof parseRedisTranscript>[number] | undefined): string[] | undefined {
  return step?.kind === 'exchange' && Array.isArray(step.request) ? step.request.map((word: Buffer) => word.toString('latin1')) : undefined;
}
