import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Entry } from './entry.ts';
import { StoredStrings } from './stored-strings.ts';

/** A key that was replaced without having been looked for. */
function unseen(name: string, expiresAt?: number): Entry {
  const entry = new Entry(0, Buffer.from(name), name);
  entry.stored = 'unknown';
  entry.kind = 'string';
  entry.expiresAt = expiresAt;
  return entry;
}

test('what was written as a string is taken for one when it is written again', () => {
  const strings = new StoredStrings();
  assert.equal(strings.guess([unseen('a')]), false);
  strings.learn([unseen('a')]);
  const [again, other] = [unseen('a'), unseen('b')];
  assert.equal(strings.guess([again, other]), true);
  assert.deepEqual([again.storedKind, other.storedKind], ['string', undefined]);
});

test('what was deleted, became something else or may expire is not', () => {
  const strings = new StoredStrings();
  const changes: readonly ((entry: Entry) => void)[] = [(entry) => (entry.kind = undefined), (entry) => (entry.kind = 'list'), (entry) => (entry.expiresAt = 1)];
  for (const change of changes) {
    strings.learn([unseen('a')]);
    assert.equal(strings.guess([unseen('a')]), true);
    const changed = unseen('a');
    change(changed);
    strings.learn([changed]);
    assert.equal(strings.guess([unseen('a')]), false);
  }
});

test('after mistakes it takes longer and longer until something is guessed', () => {
  const strings = new StoredStrings();
  for (const wary of [2, 4, 8]) {
    strings.learn([unseen('a')]);
    strings.noteMistake();
    strings.learn([unseen('a')]);
    for (let group = 0; group < wary; group++) assert.equal(strings.guess([unseen('a')]), false);
    const guessed = unseen('a');
    assert.equal(strings.guess([guessed]), true);
  }
});
