// Unions, intersections and differences of collections that are too large to be read: asked of the store, as an answer or straight into a
// new collection.

import type { DataRow } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import { type Aggregate, type AlgebraShape, type Operation, algebraStatement, hasWeights } from './algebra-statements.ts';
import { ElementRows } from './element-rows.ts';
import type { Entry } from './entry.ts';
import { type Making, type NewCollection, askNewCollection } from './new-collection.ts';
import type { Unit } from './unit.ts';

/** One of the collections that are put together; a set's members have the score 1. */
export type Source = { readonly entry: Entry; readonly weight: number };

/** None of the sources is missing. A difference is that of the first and all others. */
export type Combination = {
  readonly operation: Operation;
  readonly sources: readonly Source[];
  /** How scores are put together; undefined where only members count. */
  readonly aggregate: Aggregate | undefined;
};

export function askMembers(unit: Unit, combination: Combination): ElementRows {
  return askRows(unit, combination, 'members');
}

/** In the order of a sorted set. */
export function askScored(unit: Unit, combination: Combination): ElementRows {
  return askRows(unit, combination, 'scored');
}

/** How many elements there are; it is not looked for more than `limit`. */
export function askCount(unit: Unit, combination: Combination, limit: number): number {
  let count = 0;
  return ask(unit, combination, { asked: questionOf(combination, 'count', limit), onRow: (row) => (count = row.safeInteger(0)), answer: () => count });
}

/** Puts the elements into a new collection. */
export function askStored(unit: Unit, combination: Combination, kind: 'set' | 'zset'): NewCollection {
  const { signature, ...making } = questionOf(combination, kind === 'set' ? 'storeSet' : 'storeZset');
  return askNewCollection(unit, entriesOf(combination), signature, making);
}

function askRows(unit: Unit, combination: Combination, purpose: 'members' | 'scored'): ElementRows {
  const rows = new ElementRows({ bytes: 1, hasScore: purpose === 'scored' });
  return ask(unit, combination, { asked: questionOf(combination, purpose), onRow: (row) => rows.add(row), answer: () => rows });
}

function ask<T>(unit: Unit, combination: Combination, question: { readonly asked: ReturnType<typeof questionOf>; readonly onRow: (row: DataRow) => unknown; readonly answer: () => T }): T {
  const { signature, elements, ...step } = question.asked;
  return unit.askTogether(entriesOf(combination), signature, () => ({ step, onRow: question.onRow, answer: question.answer, elements }));
}

function entriesOf({ sources }: Combination): Entry[] {
  return sources.map(({ entry }) => entry);
}

function questionOf(combination: Combination, purpose: AlgebraShape['purpose'], limit?: number): Making & { readonly signature: string } {
  const { operation, sources, aggregate } = combination;
  const entries = entriesOf(combination);
  const [first] = entries;
  assert(first !== undefined, 'there is something to be put together');
  const elements = entries.reduce((sum, { size }) => sum + size, 0);
  const shape: AlgebraShape = {
    space: first.space,
    operation,
    kinds: (['set', 'zset'] as const).filter((kind) => entries.some((entry) => entry.kind === kind)),
    aggregate,
    isOrdered: aggregate === 'sum' && sources.length > 2,
    // Redis's rule: many lookups that would not find much cost more than reading all.
    isGrouped: operation === 'difference' && (first.size * sources.length) / 2 > elements,
    purpose,
  };
  const refs = entries.map(({ ref }) => ref);
  const weights = sources.map(({ weight }) => weight);
  const values = [refs, ...(hasWeights(shape) ? [weights] : []), ...(purpose === 'count' ? [limit === Number.POSITIVE_INFINITY ? null : limit] : [])];
  const signature = `${JSON.stringify(shape)} ${refs.join()} ${weights.join()} ${limit}`;
  return { statement: algebraStatement(shape), values, elements, signature };
}
