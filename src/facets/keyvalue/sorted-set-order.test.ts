import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from './entry.ts';
import {
  type Scored, afterMember, afterScore, beforeMember, beforeScore, compareScored, countBefore, elementsAtEnd, elementsOfRange, elementsOfRanks, end, start,
} from './sorted-set-order.ts';
import { putScore, removeScored, storeScored } from './sorted-sets.ts';
import { Missing, Unit } from './unit.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A unit of work in which one sorted set was made. */
function sortedSet(elements: Record<string, number>): { unit: Unit; entry: Entry } {
  const unit = new Unit({ mode: 'write', nowMs: 0, takeReference: () => 1 });
  const entry = unit.adopt(0, bytes('z'), 'z');
  storeScored(unit, entry, Object.entries(elements).map(([member, score]) => ({ member: bytes(member), score })));
  return { unit, entry };
}

function names(elements: readonly Scored[]): string {
  return elements.map(({ member }) => member.toString('latin1')).join(' ');
}

test('elements are ordered by score, then by the bytes of their members', () => {
  const { unit, entry } = sortedSet({ b: 1, 'a\xff': 1, a: 1, 'a\x00': 1, z: -Infinity, y: Infinity, x: 0 });
  assert.equal(names(elementsOfRange(unit, entry, { from: start, to: end })), 'z x a a\x00 a\xff b y');
});

test('positions lie between elements', () => {
  const { unit, entry } = sortedSet({ a: 1, b: 2, c: 2, d: 3 });
  const before = (position: typeof start): number => countBefore(unit, entry, position);
  assert.equal(before(start), 0);
  assert.equal(before(beforeScore(2)), 1);
  assert.equal(before(afterScore(2)), 3);
  assert.equal(before(beforeMember(2, bytes('c'))), 2);
  assert.equal(before(afterMember(2, bytes('c'))), 3);
  assert.equal(before(afterMember(2, bytes('bb'))), 2);
  assert.equal(before(end), 4);
});

test('the position after a score is before the next double', () => {
  for (const score of [0, -0, 1, -1, 5e-324, -5e-324, 0.1, Number.MAX_VALUE, -Number.MAX_VALUE, -Infinity]) {
    const next = afterScore(score).score;
    assert.ok(next > score, `${next} > ${score}`);
    const { unit, entry } = sortedSet({ a: score, b: next });
    assert.equal(names(elementsOfRange(unit, entry, { from: afterScore(score), to: end })), 'b');
  }
  assert.equal(afterScore(Infinity), end);
});

test('ranges are read in both directions, with an offset and a count', () => {
  const { unit, entry } = sortedSet({ a: 1, b: 2, c: 3, d: 4, e: 5 });
  const range = (options: object): string => names(elementsOfRange(unit, entry, { from: beforeScore(2), to: afterScore(4), ...options }));
  assert.equal(range({}), 'b c d');
  assert.equal(range({ reverse: true }), 'd c b');
  assert.equal(range({ offset: 1 }), 'c d');
  assert.equal(range({ offset: 1, count: 1, reverse: true }), 'c');
  assert.equal(range({ offset: 5 }), '');
  assert.equal(range({ offset: 5, reverse: true }), '');
  assert.equal(range({ count: 0 }), '');
  assert.equal(names(elementsOfRange(unit, entry, { from: afterScore(4), to: beforeScore(2) })), '');
  assert.equal(names(elementsOfRanks(unit, entry, 1, 2)), 'b c');
  assert.equal(names(elementsAtEnd(unit, entry, true, 2)), 'e d');
});

test('what is known of the order stays true while scores change', () => {
  const { unit, entry } = sortedSet({ a: 1, b: 2, c: 3 });
  const all = (): string => names(elementsOfRange(unit, entry, { from: start, to: end }));
  assert.equal(all(), 'a b c');
  putScore(unit, entry, bytes('a'), 10);
  assert.equal(all(), 'b c a');
  putScore(unit, entry, bytes('new'), 2.5);
  assert.equal(all(), 'b new c a');
  removeScored(unit, entry, elementsAtEnd(unit, entry, false, 1));
  assert.equal(all(), 'new c a');
  removeScored(unit, entry, elementsAtEnd(unit, entry, false, 3));
  assert.equal(entry.kind, undefined);
});

test('a random sequence of changes keeps the order of a fresh sort', () => {
  const { unit, entry } = sortedSet({ first: 0 });
  const expected = new Map([['first', 0]]);
  for (let step = 1; step < 500; step++) {
    const member = `m${(step * 7919) % 61}`;
    const score = (step * 104_729) % 13;
    putScore(unit, entry, bytes(member), score);
    expected.set(member, score);
    if (step % 3 === 0) {
      const [lowest] = elementsAtEnd(unit, entry, step % 2 === 0, 1);
      expected.delete(names([lowest!]));
      removeScored(unit, entry, [lowest!]);
    }
    const fresh = [...expected].map(([name, value]) => ({ member: bytes(name), score: value })).toSorted(compareScored);
    assert.equal(names(elementsOfRange(unit, entry, { from: start, to: end })), names(fresh));
  }
});

test('of a large set the store is asked', () => {
  const unit = new Unit({ mode: 'read', nowMs: 0, takeReference: () => 1 });
  const entry = unit.adopt(0, bytes('z'), 'z');
  Object.assign(entry, { kind: 'zset', size: 1_000_000, ref: 5, stored: true });
  const asked = (look: () => unknown): number => {
    assert.throws(look, Missing);
    return unit.needs.questions.length;
  };
  assert.equal(asked(() => countBefore(unit, entry, beforeScore(1))), 1);
  assert.equal(asked(() => elementsOfRanks(unit, entry, 500_000, 500_001)), 2);
  assert.equal(asked(() => elementsAtEnd(unit, entry, false, 1)), 3);
  // The ends need no question.
  assert.equal(countBefore(unit, entry, start), 0);
  assert.equal(countBefore(unit, entry, end), 1_000_000);
});
