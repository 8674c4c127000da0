// Questions about the keys of a whole keyspace: all that match, a page of a scan, some at random. Expired keys are
// never among the answers.

import { type DataRow, type Statement, statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import { type Kind, kindOfNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

/** Positions of `facetdb.scan_position` are below this. */
export const scanPositions = 2 ** 52;

/** How many places a random pick looks at, and how many neighbours there. */
const randomProbes = 8;
const randomNeighbours = 8;

type ScanStatements = Record<'keysBetween' | 'keysFrom' | 'page' | 'near', Statement>;
const known = new Map<number, ScanStatements>();

function scanStatementsOf(space: number): ScanStatements {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(`${schemaOf(space)}.keys`)));
  return statements;
}

function makeStatements(keys: string): ScanStatements {
  const isLive = (parameter: string): string => `(expires_at is null or expires_at > ${parameter})`;
  return {
    keysBetween: statement(`select id, long_key from ${keys} where id >= $2 and id < $3 and ${isLive('$1')} limit $4`, ['int8', 'bytea', 'bytea', 'int8']),
    keysFrom: statement(`select id, long_key from ${keys} where id >= $2 and ${isLive('$1')} limit $3`, ['int8', 'bytea', 'int8']),
    // Keys that share a position come in one page, so that a cursor is a position. Whoever reads it leaves out expired ones.
    page: statement(
      `select id, long_key, kind, expires_at, facetdb.scan_position(id) from ${keys} where facetdb.scan_position(id) >= $1
       order by facetdb.scan_position(id) fetch first ($2::int8) rows with ties`,
      ['int8', 'int8'],
    ),
    near: statement(
      `select near.id, near.long_key from unnest($1) as probe (position) cross join lateral (
         select id, long_key from ${keys} where facetdb.scan_position(id) >= probe.position and ${isLive('$2')}
         order by facetdb.scan_position(id) limit ${randomNeighbours}) as near`,
      ['int8[]', 'int8'],
    ),
  };
}

function keyOf(row: DataRow): Buffer {
  return Buffer.from(row.bytes(row.isNull(1) ? 0 : 1));
}

/** All keys that begin with the prefix and that `accepts` takes; what it refuses is not kept. */
export function keysWhere(unit: Unit, space: number, { prefix, accepts, name }: { readonly prefix: Buffer; readonly accepts: (key: Buffer) => boolean; readonly name: string }): Buffer[] {
  const most = unit.mayTakeLong ? undefined : keyvalueLimits.longElements;
  const keys = unit.askGeneral(`keys ${space} ${name} ${most}`, () => {
    const found: Buffer[] = [];
    let seen = 0;
    // A long key's identity begins with only a part of the key.
    const start = prefix.subarray(0, scanPrefixBytes);
    const onRow = (row: DataRow): void => {
      const key = keyOf(row);
      seen += 1;
      if (accepts(key)) found.push(key);
    };
    const end = endOfPrefix(start);
    const { keysBetween, keysFrom } = scanStatementsOf(space);
    const step = end === undefined ? { statement: keysFrom, values: [unit.nowMs, start, most], onRow } : { statement: keysBetween, values: [unit.nowMs, start, end, most], onRow };
    return { steps: [step], answer: () => (seen === most ? undefined : found) };
  });
  if (keys !== undefined) return keys;
  unit.takesLong();
  assert(false, 'all keys were asked for');
}

const scanPrefixBytes = 256;

/** The first byte string after all that begin with the prefix; undefined when there is none. */
function endOfPrefix(prefix: Buffer): Buffer | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = Buffer.from(prefix.subarray(0, length));
  end[length - 1]! += 1;
  return end;
}

/** Keys from a position on, and the position of the next page; undefined after the last. */
export type KeyPage = { readonly keys: readonly { readonly key: Buffer; readonly kind: Kind }[]; readonly next: number | undefined };

/** A key that is there throughout a scan is in one of its pages: its position depends on nothing but the key. */
export function pageOfKeys(unit: Unit, space: number, { from, count }: { readonly from: number; readonly count: number }): KeyPage {
  return unit.askGeneral(`page ${space} ${from} ${count}`, () => {
    const keys: { key: Buffer; kind: Kind }[] = [];
    let seen = 0;
    let last = 0;
    const onRow = (row: DataRow): void => {
      seen += 1;
      last = row.safeInteger(4);
      const isExpired = !row.isNull(3) && row.safeInteger(3) <= unit.nowMs;
      if (!isExpired) keys.push({ key: keyOf(row), kind: kindOfNumber(row.int16(2)) });
    };
    const answer = (): KeyPage => ({ keys, next: seen < count ? undefined : last + 1 });
    return { steps: [{ statement: scanStatementsOf(space).page, values: [from, count], onRow }], answer };
  });
}

/** Some keys that follow random positions; none when the keyspace is empty. */
export function randomKeys(unit: Unit, space: number): Buffer[] {
  return unit.askGeneral(`random ${space}`, () => {
    const probes = Array.from({ length: randomProbes }, () => Math.floor(Math.random() * scanPositions));
    const found: Buffer[] = [];
    const first: Buffer[] = [];
    const { near } = scanStatementsOf(space);
    const step = (positions: readonly number[], into: Buffer[]) => ({
      statement: near, values: [positions, unit.nowMs], onRow: (row: DataRow): void => void into.push(keyOf(row)),
    });
    const answer = (): Buffer[] => {
      // The positions form a ring: what the last probes lacked comes from its beginning, so that no key is left out.
      for (let lacking = randomProbes * randomNeighbours - found.length; lacking > 0 && first.length > 0; lacking -= first.length) found.push(...first);
      return found;
    };
    return { steps: [step(probes, found), step([0], first)], answer };
  });
}
