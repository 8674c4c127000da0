import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListRuns, type Move } from './list-runs.ts';

/** A store of items by position that does what the runs ask for, beside an array that says what is right. */
class Model {
  runs: ListRuns;
  stored = new Map<number, number>();
  expected: number[];
  movedMost = 0;

  constructor(size: number) {
    this.runs = ListRuns.even(0, size);
    this.expected = Array.from({ length: size }, (_, index) => index);
    for (const index of this.expected) this.stored.set(index, index);
  }

  insert(offset: number, item: number): void {
    const { move, position, runs } = this.runs.insert(offset);
    if (move !== undefined) this.#move(move);
    assert.ok(!this.stored.has(position), 'a free position');
    this.stored.set(position, item);
    this.runs = runs;
    this.expected.splice(offset, 0, item);
  }

  remove(offset: number): void {
    const { move, position, runs } = this.runs.remove(offset);
    assert.ok(this.stored.delete(position));
    if (move !== undefined) this.#move(move);
    this.runs = runs;
    this.expected.splice(offset, 1);
  }

  push(end: 'left' | 'right', item: number): void {
    this.runs = this.runs.pushed(end);
    const position = this.runs.positionOf(end === 'left' ? 0 : this.runs.size - 1);
    assert.ok(!this.stored.has(position), 'room beyond the ends');
    this.stored.set(position, item);
    if (end === 'left') this.expected.unshift(item);
    else this.expected.push(item);
  }

  cut(from: number, to: number): void {
    const gone = [...this.runs.rangesOf(0, from - 1), ...this.runs.rangesOf(to + 1, this.runs.size - 1)];
    for (const { first, last } of gone) for (let position = first; position <= last; position++) this.stored.delete(position);
    this.runs = this.runs.cut(from, to);
    this.expected = this.expected.slice(from, to + 1);
  }

  check(): void {
    assert.equal(this.runs.size, this.expected.length);
    assert.equal(this.stored.size, this.expected.length);
    const positions = this.runs.rangesOf(0, this.runs.size - 1).flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
    assert.deepEqual(positions.map((position) => this.stored.get(position)), this.expected);
  }

  #move({ first, last, by }: Move): void {
    this.movedMost = Math.max(this.movedMost, last - first + 1);
    const items = Array.from({ length: last - first + 1 }, (_, index) => this.stored.get(first + index)!);
    for (let position = first; position <= last; position++) this.stored.delete(position);
    for (const [index, item] of items.entries()) {
      assert.ok(!this.stored.has(first + index + by), 'nothing is moved onto another item');
      this.stored.set(first + index + by, item);
    }
  }
}

function randomBelow(state: { seed: number }, limit: number): number {
  state.seed = (Math.imul(state.seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state.seed / 2 ** 32) * limit);
}

for (const seed of [1, 2, 3, 4]) {
  test(`random changes of a long list, seed ${seed}`, () => {
    const state = { seed };
    const model = new Model(5_000);
    for (let step = 0; step < 1_500; step++) {
      const size = model.expected.length;
      const near = Math.min(size - 1, 1 + randomBelow(state, 40) + (seed % 2) * 2_000);
      const offset = randomBelow(state, 2) === 0 ? near : 1 + randomBelow(state, size - 1);
      switch (randomBelow(state, 6)) {
        case 0: case 1: model.insert(offset, 100_000 + step); break;
        case 2: case 3: model.remove(offset); break;
        case 4: model.push(randomBelow(state, 2) === 0 ? 'left' : 'right', 100_000 + step); break;
        default: if (step % 50 === 0) model.cut(randomBelow(state, 20), size - 1 - randomBelow(state, 20));
      }
      if (step % 100 === 0) model.check();
    }
    model.check();
    assert.ok(model.movedMost <= 256);
  });
}

test('several items go at once', () => {
  const runs = ListRuns.even(10, 8).without([0, 3, 4, 7]);
  assert.deepEqual(runs.runs, [{ first: 11, count: 2 }, { first: 15, count: 2 }]);
  assert.equal(runs.offsetOf(15), 2);
});

test('the number of runs stays bounded', () => {
  const state = { seed: 9 };
  let runs = ListRuns.even(0, 200_000);
  for (let step = 0; step < 6_000; step++) runs = runs.insert(1 + randomBelow(state, runs.size - 1)).runs;
  assert.ok(runs.runs.length < 3_000, `${runs.runs.length}`);
});
