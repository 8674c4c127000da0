// Small queries in groups, over connections that only pretend.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, DataRow, Step } from '../../../engine/client.ts';
import type { Engine } from '../../../engine/engine.ts';
import { noObserver } from '../../../engine/observer.ts';
import { FacetError } from '../../../kernel/errors.ts';
import { DocumentGroups } from './document-groups.ts';
import { SqlParameters } from './statements.ts';
import { walkIndexes } from './without-arrays.ts';

/** One row for each statement; those that say `slow` take too long. */
function pretendedGroups(executed: string[][]): DocumentGroups {
  const connection = {
    usable: true,
    close: async () => {},
    execute: async (steps: readonly Step[]) => {
      const texts = steps.map(({ statement }) => statement.text);
      executed.push(texts);
      if (texts.some((text) => text.includes('slow'))) throw new FacetError('cancelled');
      for (const { onRow, statement } of steps) onRow?.({ isNull: () => statement.text.includes('has arrays') } as unknown as DataRow, []);
      return [];
    },
  };
  return new DocumentGroups({ connect: async () => connection as unknown as Connection } as unknown as Engine, noObserver);
}

const ask = (groups: DocumentGroups, text: string): Promise<string[] | undefined> => groups.query({ role: 'ada' }, { text, parameters: new SqlParameters() }, () => `row of ${text}`);

test('queries of one turn leave together, and each has its own rows', async () => {
  const executed: string[][] = [];
  const groups = pretendedGroups(executed);
  assert.deepEqual(await Promise.all([ask(groups, 'a'), ask(groups, 'b')]), [['row of a'], ['row of b']]);
  assert.deepEqual(executed, [['a', 'b']]);
  await groups.close();
});

test('one that takes too long is left to who asked, keeps none of its rows from the others, and is in no group from then on', async () => {
  const executed: string[][] = [];
  const groups = pretendedGroups(executed);
  assert.deepEqual(await Promise.all([ask(groups, 'a'), ask(groups, 'slow'), ask(groups, 'slow'), ask(groups, 'b')]), [['row of a'], undefined, undefined, ['row of b']]);
  // The group, then each by itself; the second slow one is not tried any more.
  assert.deepEqual(executed, [['a', 'slow', 'slow', 'b'], ['a'], ['slow'], ['b']]);
  executed.length = 0;
  assert.equal(await ask(groups, 'slow'), undefined);
  assert.deepEqual(executed, []);
  await groups.close();
});

test('the short form is asked first, behind the others, and no more for a while once it has told of arrays', async () => {
  const executed: string[][] = [];
  const groups = pretendedGroups(executed);
  const askShort = (text: string, short: string): Promise<string[] | undefined> => {
    const parameters = new SqlParameters();
    return groups.query({ role: 'ada' }, { text, parameters, withoutArrays: { text: short, parameters } }, () => `row of ${text}`);
  };
  const settings = walkIndexes.statement.text;
  assert.deepEqual(await Promise.all([askShort('a', 'short a'), ask(groups, 'b'), askShort('c', 'c has arrays')]), [['row of a'], ['row of b'], undefined]);
  assert.deepEqual(executed, [['b', settings, 'short a', 'c has arrays']]);
  executed.length = 0;
  assert.deepEqual(await Promise.all([askShort('c', 'c has arrays'), askShort('a', 'short a')]), [['row of c'], ['row of a']]);
  assert.deepEqual(executed, [['c', settings, 'short a']]);
  await groups.close();
});
