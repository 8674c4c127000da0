// Random picks out of a collection. A small one is known whole, and every element is as likely as any other. A large
// one is sampled: digests are spread evenly, so the elements that follow a random digest are random ones; taking one of
// several that follow evens out the gaps between them.

import { randomBytes } from 'node:crypto';
import { type DataRow, type Statement, statement } from '../../engine/client.ts';
import type { Element, Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { isSmall } from './small-collection.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

/** Kinds whose elements can be sampled: their tables have the primary key (ref, digest). */
type SampledKind = 'set' | 'zset' | 'hash';

/**
 * Elements sampled for an entry and not given out yet; they stay random while others come and go. At first one for each request
 * that names the key is asked for; the more of them a unit of work uses up, the more at once.
 */
type Pool = { readonly ref: number | undefined; picks: Element[]; nextSample: number };

const pools = new WeakMap<Entry, Pool>();

/** One element. */
export function randomElement(unit: Unit, entry: Entry): Element {
  const [element] = randomWithRepeats(unit, entry, 1);
  return element!;
}

/** Elements that may repeat, each picked out of all. */
export function randomWithRepeats(unit: Unit, entry: Entry, count: number): Element[] {
  if (isWorthReadingWhole(entry, count)) {
    const all = unit.allElements(entry);
    return Array.from({ length: count }, () => all[randomIndex(all.length)]!);
  }
  return poolOf(unit, entry, count).picks.splice(-count);
}

/** Distinct elements in random order; all of them when there are not more. */
export function randomDistinct(unit: Unit, entry: Entry, count: number): Element[] {
  if (isWorthReadingWhole(entry, count)) return shuffledStart(unit.allElements(entry), Math.min(count, entry.size));
  for (let wanted = count; ; ) {
    const pool = poolOf(unit, entry, wanted);
    const found = new Map<string, Element>();
    for (const element of pool.picks) if (found.size < count) found.set(nameOf(element), element);
    if (found.size === count) {
      pool.picks = pool.picks.filter((element) => !found.has(nameOf(element)));
      return [...found.values()];
    }
    // Repeats were among them.
    wanted = pool.picks.length + count - found.size;
  }
}

/** A sample reads a window for each pick. */
function isWorthReadingWhole(entry: Entry, count: number): boolean {
  return isSmall(entry) || count * keyvalueLimits.sampleWindow > entry.size;
}

/** Has at least `count` picks, all of them still in the collection. */
function poolOf(unit: Unit, entry: Entry, count: number): Pool {
  let pool = pools.get(entry);
  if (pool === undefined || pool.ref !== entry.ref) pools.set(entry, (pool = { ref: entry.ref, picks: [], nextSample: Math.min(entry.requests, keyvalueLimits.groupSize) }));
  pool.picks = pool.picks.filter((element) => entry.elements.get(nameOf(element)) !== null);
  while (pool.picks.length < count) {
    pool.picks.push(...sample(unit, entry, Math.max(count - pool.picks.length, pool.nextSample)));
    // Each sample is used once.
    entry.answers.delete(sampleSignature);
    pool.nextSample = Math.min(pool.nextSample * 4, keyvalueLimits.groupSize);
  }
  return pool;
}

function nameOf({ member }: Element): string {
  return member.toString('latin1');
}

const sampleSignature = 'sample';

/** Asks the store for so many picks. */
function sample(unit: Unit, entry: Entry, count: number): Element[] {
  return unit.ask(entry, sampleSignature, () => {
    const picks: Element[] = [];
    const starts = Array.from({ length: count }, () => randomBytes(16));
    const skipped = starts.map(() => randomIndex(keyvalueLimits.sampleWindow));
    return {
      step: { statement: sampleStatement(entry.space, entry.kind as SampledKind), values: [entry.ref, starts, skipped] },
      onRow: (row) => picks.push(elementOf(entry.kind as SampledKind, row)),
      answer: () => picks,
      elements: count * keyvalueLimits.sampleWindow,
    };
  });
}

function elementOf(kind: SampledKind, row: DataRow): Element {
  const member = Buffer.from(row.bytes(0));
  if (kind === 'set') return { member };
  return kind === 'zset' ? { member, score: row.float64(1) } : { member, value: Buffer.from(row.bytes(1)), number: row.safeInteger(2) };
}

const sampleStatements = new Map<string, Statement>();

function sampleStatement(space: number, kind: SampledKind): Statement {
  const name = `${space} ${kind}`;
  let known = sampleStatements.get(name);
  if (known === undefined) sampleStatements.set(name, (known = makeSampleStatement(space, kind)));
  return known;
}

function makeSampleStatement(space: number, kind: SampledKind): Statement {
  const { table, columns } = {
    set: { table: 'set_members', columns: 'member' },
    zset: { table: 'sorted_set_members', columns: 'member, score' },
    hash: { table: 'hash_fields', columns: 'field, value, number' },
  }[kind];
  const stored = `${schemaOf(space)}.${table}`;
  const after = (condition: string): string => `select digest from ${stored} where ref = $1 ${condition} order by ref, digest limit ${keyvalueLimits.sampleWindow}`;
  // Past the last digest it goes on with the first. The index alone tells the digests; of the row there is one to read.
  return statement(
    `select picked.* from unnest($2, $3) as wanted (start, skipped)
     cross join lateral ((${after('and digest >= wanted.start')}) union all (${after('')}) offset wanted.skipped limit 1) as place
     cross join lateral (select ${columns} from ${stored} where ref = $1 and digest = place.digest offset 0) as picked`,
    ['int8', 'bytea[]', 'int4[]'],
  );
}

/** Brings `count` random items to the front and gives them. */
function shuffledStart<Item>(items: Item[], count: number): Item[] {
  for (let index = 0; index < count; index++) {
    const other = index + randomIndex(items.length - index);
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  items.length = count;
  return items;
}

function randomIndex(length: number): number {
  return Math.floor(Math.random() * length);
}
