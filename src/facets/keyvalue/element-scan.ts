// Scans a hash, set or sorted set. A small one comes whole. A large one comes in the order of its elements' digests, and
// the cursor is the beginning of the next one: what is there throughout a scan is met, whatever comes and goes, and
// nothing is kept between two pages.

import { type Statement, statement } from '../../engine/client.ts';
import type { Element, Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { isSmall } from './small-collection.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

type ScannedKind = 'hash' | 'set' | 'zset';

/** Some elements, and where the next page begins; 0 after the last. */
export type ScanPage = { readonly cursor: bigint; readonly elements: readonly Element[] };

/** `cursor`: 0, or what the page before gave. `count`: about so many elements are wanted. */
export function scanElements(unit: Unit, entry: Entry, cursor: bigint, count: number): ScanPage {
  if (isSmall(entry)) return { cursor: 0n, elements: unit.allElements(entry) };
  const wanted = Math.min(count, keyvalueLimits.scannedElements);
  return unit.ask(entry, `scan ${cursor} ${wanted}`, () => {
    const found: Scanned[] = [];
    const start = Buffer.alloc(8);
    start.writeBigUInt64BE(cursor);
    return {
      step: { statement: scanStatement(entry.space, entry.kind as ScannedKind), values: [entry.ref, start, wanted + spare] },
      onRow: (row) => {
        const member = Buffer.from(row.bytes(1));
        const value = entry.kind === 'hash' ? { value: Buffer.from(row.bytes(2)) } : {};
        const score = entry.kind === 'zset' ? { score: row.float64(2) } : {};
        found.push({ position: row.bytes(0).readBigUInt64BE(0), element: { member, ...value, ...score } });
      },
      answer: () => pageOf(found, wanted),
    };
  });
}

type Scanned = { readonly position: bigint; readonly element: Element };

/** Elements whose digests begin alike must not be parted by a page's end; more than two such are hardly to be expected. */
const spare = 8;

function pageOf(found: readonly Scanned[], wanted: number): ScanPage {
  const elements = (end: number): Element[] => found.slice(0, end).map(({ element }) => element);
  if (found.length < wanted + spare) return { cursor: 0n, elements: elements(found.length) };
  const end = found.findIndex(({ position }, index) => index >= wanted && position !== found[index - 1]!.position);
  if (end < 0) return { cursor: BigInt.asUintN(64, found.at(-1)!.position + 1n), elements: elements(found.length) };
  return { cursor: found[end]!.position, elements: elements(end) };
}

const known = new Map<string, Statement>();

function scanStatement(space: number, kind: ScannedKind): Statement {
  const name = `${space} ${kind}`;
  let found = known.get(name);
  if (found === undefined) known.set(name, (found = makeStatement(space, kind)));
  return found;
}

function makeStatement(space: number, kind: ScannedKind): Statement {
  const { table, columns } = {
    hash: { table: 'hash_fields', columns: 'field, value' },
    set: { table: 'set_members', columns: 'member' },
    zset: { table: 'sorted_set_members', columns: 'member, score' },
  }[kind];
  return statement(`select digest, ${columns} from ${schemaOf(space)}.${table} where ref = $1 and digest >= $2 order by ref, digest limit $3`, [
    'int8', 'bytea', 'int8',
  ]);
}
