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

test('what was written as a string is taken for one when it is written again, where all of a group was', () => {
  const strings = new StoredStrings();
  assert.equal(strings.guess([unseen('a')]), false);
  strings.learn([unseen('a'), unseen('b')]);
  const [known, other, fresh] = [unseen('a'), unseen('b'), unseen('c')];
  assert.equal(strings.guess([known, other, fresh]), false);
  assert.equal(known.storedKind, undefined);
  assert.equal(strings.guess([known, other]), true);
  assert.deepEqual([known.storedKind, other.storedKind], ['string', 'string']);
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
