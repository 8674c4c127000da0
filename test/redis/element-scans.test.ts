// The guarantee of HSCAN, SSCAN and ZSCAN: an element that is there from the beginning to the end of a scan is returned, whatever
// another client adds and removes between two pages; what was never there is not. Collections grow and shrink over the size up to
// which they come in one page.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { keyvalueLimits } from '../../src/facets/keyvalue/limits.ts';
import { answerOf, itemsOf, textOf } from './support/answers.ts';
import { startFacetDB } from './support/facetdb.ts';
import { RespClient } from './support/resp-client.ts';

const address = await startFacetDB();
const scanner = await RespClient.connect(address);
const changer = await RespClient.connect(address);
after(() => {
  scanner.close();
  changer.close();
});

const kinds = [
  { kind: 'hash', add: 'HSET', remove: 'HDEL', scan: 'HSCAN', words: (member: string) => [member, `value of ${member}`], isPaired: true },
  { kind: 'set', add: 'SADD', remove: 'SREM', scan: 'SSCAN', words: (member: string) => [member], isPaired: false },
  { kind: 'sorted set', add: 'ZADD', remove: 'ZREM', scan: 'ZSCAN', words: (member: string) => [`${member.length}`, member], isPaired: true },
] as const;

const { wholeElements } = keyvalueLimits;
/** How many stay, how many others there are at first, and how many come and go with each page. */
const courses = [
  { course: 'keeps its size', stay: 2 * wholeElements, others: 200, comes: 20, goes: 20 },
  { course: 'grows', stay: wholeElements + 50, others: 50, comes: 100, goes: 5 },
  { course: 'shrinks to one page', stay: 100, others: 2 * wholeElements, comes: 2, goes: 300 },
  { course: 'is one page and grows', stay: wholeElements - 100, others: 50, comes: 200, goes: 1 },
] as const;

suite('scans of collections that change meanwhile', () => {
  for (const { kind, add, remove, scan, words, isPaired } of kinds) {
    for (const { course, stay, others, comes, goes } of courses) {
      test(`a ${kind} that ${course}`, async () => {
        const key = `${kind} ${course}`;
        const put = async (members: readonly string[]): Promise<unknown> => await answerOf(changer, add, key, ...members.flatMap(words));
        const everThere = new Set<string>();
        const fleeting: string[] = [];
        const staying = names('stays', 0, stay);
        fleeting.push(...names('other', 0, others));
        for (const member of [...staying, ...fleeting]) everThere.add(member);
        await put([...staying, ...fleeting]);

        const met = new Set<string>();
        let cursor = '0';
        let pages = 0;
        do {
          const [next, page] = itemsOf(await answerOf(scanner, scan, key, cursor, 'COUNT', '50'));
          for (const [index, item] of itemsOf(page!).entries()) if (!isPaired || index % 2 === 0) met.add(textOf(item));
          cursor = textOf(next!);
          const added = names('new', pages * comes, comes);
          for (const member of added) everThere.add(member);
          await put(added);
          fleeting.push(...added);
          // The oldest and the newest, so that there are removals on both sides of the cursor.
          const gone = [...fleeting.splice(0, goes >> 1), ...fleeting.splice(-(goes - (goes >> 1)))];
          if (gone.length > 0) await answerOf(changer, remove, key, ...gone);
          pages += 1;
          assert.ok(pages < 500, 'a scan ends');
        } while (cursor !== '0');

        assert.deepEqual(staying.filter((member) => !met.has(member)), []);
        assert.deepEqual([...met].filter((member) => !everThere.has(member)), []);
      });
    }
  }
});

function names(prefix: string, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}:${first + index}`);
}
