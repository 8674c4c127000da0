import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOfPairs, membersOfScores, namedElements } from './named-elements.ts';

const words = (text: string): Buffer[] => text.split(' ').map((word) => Buffer.from(word));
const texts = (members: readonly Buffer[]): string => members.map(String).join(' ');

test('the members of ZADD follow their scores, after the options', () => {
  assert.equal(texts(membersOfScores(words('key 1 a 2 b'))), 'a b');
  assert.equal(texts(membersOfScores(words('key nx CH 1 a'))), 'a');
  // Members may be called like options.
  assert.equal(texts(membersOfScores(words('key XX 1 nx 2 ch'))), 'nx ch');
  assert.equal(texts(membersOfScores(words('key nx'))), '');
});

test('the fields of HSET are followed by their values', () => {
  assert.equal(texts(fieldsOfPairs(words('key a 1 b 2'))), 'a b');
});

test('only collections have elements', () => {
  assert.equal(namedElements('hash', words('a'))?.kind, 'hash');
  assert.equal(namedElements('sorted_set', words('a'))?.kind, 'zset');
  assert.equal(namedElements('string', words('a')), undefined);
  assert.equal(namedElements('set', []), undefined);
});
