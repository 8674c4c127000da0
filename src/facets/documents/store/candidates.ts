// The documents that a write is about: found, locked, and looked at once more under the lock.

import type { DataRow, Step } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import { walkedIndex } from '../planner/walked-index.ts';
import { compareSortKeys, sortKeysOf } from '../sorts/sort-keys.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import { tableCandidateColumns } from '../tables/table-rows.ts';
import { lockRowsStep } from '../tables/write-table-rows.ts';
import type { CollectionInfo } from './catalog.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { type CommandScope, assertNotAborted } from './command-scope.ts';
import { tableOf } from './names.ts';
import { bsonOf, documentColumns } from './rows.ts';
import { statementFor } from './statements.ts';
import type { Unit } from './unit.ts';
import { usableIndexes } from './usable-indexes.ts';

export type Candidate = { readonly key: Buffer; readonly bytes: Buffer; readonly document: Document };

export type Wanted = {
  readonly info: CollectionInfo;
  readonly filter: Filter;
  readonly scope: CommandScope;
  readonly sort?: SortPattern | undefined;
  readonly natural?: 1 | -1 | undefined;
  readonly signal?: AbortSignal | undefined;
};

const batchRows = 500;
function columnsOf({ table }: CollectionInfo): string {
  return table === undefined ? `id, ${documentColumns()}` : tableCandidateColumns(table);
}

/** The first document that matches, locked; undefined where there is none. */
export async function lockFirst(unit: Unit, wanted: Wanted): Promise<Candidate | undefined> {
  const { info, filter, sort, natural } = wanted;
  const walked = sort === undefined && natural === undefined && isFoundAlongIndex(info, filter) ? await lockFirstWalked(unit, wanted) : undefined;
  if (walked !== undefined) return walked;
  const { query, residual, refined } = planCollectionQuery(info, { filter, sort, natural, limit: 1n }, { columns: columnsOf(info), isLocking: true });
  if (Object.keys(residual).length === 0) {
    const [first] = await select(unit, { statement: statementFor(`${query.text} for update`, query.parameters.types), values: query.parameters.values, isRefined: refined !== undefined });
    if (first?.isCoarse !== true) return first;
  }
  if (sort !== undefined) return await lockFirstSorted(unit, wanted, sort);
  for await (const batch of scan(unit, wanted)) {
    for (const { key } of batch) {
      const [locked] = await lock(unit, wanted, [key]);
      if (locked !== undefined) return locked;
    }
  }
  return undefined;
}

/** Whether PostgreSQL, which locks rows of plain scans only, might come upon another document first than MongoDB does along its index. */
function isFoundAlongIndex(info: CollectionInfo, filter: Filter): boolean {
  if (info.table !== undefined || info.isSmall || !info.isByteOrdered) return false;
  const walked = walkedIndex(usableIndexes(info, filter), filter);
  if (walked === undefined || walked.parts[0]!.path.join('.') === '_id') return false;
  // Equals of one field stand in the order of their rows.
  return !walked.isEquality || walked.parts.length > 1;
}

/** Found as `find` finds it, and locked, in one statement; undefined also where another has changed it meanwhile. */
async function lockFirstWalked(unit: Unit, { info, filter, scope }: Wanted): Promise<Candidate | undefined> {
  const { query, residual } = planCollectionQuery(info, { filter, limit: 1n }, { columns: 'id' });
  if (Object.keys(residual).length > 0) return undefined;
  const text = `select ${columnsOf(info)} from ${tableOf(info.target)} where id = (${query.text}) for update`;
  const [found] = await select(unit, { statement: statementFor(text, query.parameters.types), values: query.parameters.values });
  return found !== undefined && compileFilter(filter)(found.document, scope.scopeFor(found.document)) ? found : undefined;
}

/** All documents that match, locked, batch by batch. */
export async function* lockAll(unit: Unit, wanted: Wanted): AsyncGenerator<Candidate[]> {
  for await (const batch of scan(unit, wanted)) {
    const locked = await lock(unit, wanted, batch.map(({ key }) => key));
    if (locked.length > 0) yield locked;
  }
}

async function lockFirstSorted(unit: Unit, wanted: Wanted, sort: SortPattern): Promise<Candidate | undefined> {
  const entries: { readonly key: Buffer; readonly keys: ReturnType<typeof sortKeysOf> }[] = [];
  for await (const batch of scan(unit, wanted)) for (const { key, document } of batch) entries.push({ key, keys: sortKeysOf(sort, document) });
  const compare = compareSortKeys(sort);
  entries.sort((a, b) => compare(a.keys, b.keys));
  for (const { key } of entries) {
    const [locked] = await lock(unit, wanted, [key]);
    if (locked !== undefined) return locked;
  }
  return undefined;
}

/** What matches in the snapshot that the scan begins with; not locked. */
async function* scan(unit: Unit, wanted: Wanted): AsyncGenerator<Candidate[]> {
  const { info, filter, natural, scope, signal } = wanted;
  const { query } = planCollectionQuery(info, { filter, natural }, { columns: columnsOf(info) });
  const matches = compileFilter(filter);
  const cursor = nextCursorName();
  const declare: Step = { statement: statementFor(`declare ${cursor} no scroll cursor for ${query.text}`, query.parameters.types), values: query.parameters.values };
  const fetch = statementFor(`fetch ${batchRows} from ${cursor}`);
  let opening: Step[] = [declare];
  for (let isLast = false; !isLast; ) {
    assertNotAborted(signal);
    let fetched = 0;
    const found: Candidate[] = [];
    const onRow = (row: DataRow): void => {
      fetched += 1;
      const candidate = candidateOf(row);
      if (matches(candidate.document, scope.scopeFor(candidate.document))) found.push(candidate);
    };
    await unit.execute([...opening, { statement: fetch, values: [], onRow }]);
    opening = [];
    isLast = fetched < batchRows;
    if (found.length > 0) yield found;
  }
  await unit.execute([{ statement: statementFor(`close ${cursor}`), values: [] }]);
}

let cursors = 0;

function nextCursorName(): string {
  cursors = (cursors + 1) % 1_000;
  return `facetdb_candidates_${cursors}`;
}

/** Of these documents, those that match now, locked, in the order of `keys`. */
async function lock(unit: Unit, { info, filter, scope }: Wanted, keys: readonly Buffer[]): Promise<Candidate[]> {
  const locked = await select(unit, lockStep(info, keys));
  const matches = compileFilter(filter);
  const byKey = new Map(locked.map((candidate) => [candidate.key.toString('latin1'), candidate]));
  return keys.flatMap((key) => {
    const candidate = byKey.get(key.toString('latin1'));
    return candidate !== undefined && matches(candidate.document, scope.scopeFor(candidate.document)) ? [candidate] : [];
  });
}

function lockStep(info: CollectionInfo, keys: readonly Buffer[]): Selection {
  if (info.table !== undefined) return lockRowsStep(info.table, columnsOf(info), keys);
  return { statement: statementFor(`select ${columnsOf(info)} from ${tableOf(info.target)} where id = any($1) order by id for update`, ['bytea[]']), values: [keys] };
}

type Selection = Pick<Step, 'statement' | 'values'> & { readonly isRefined?: boolean };

/** `isCoarse`: another might stand before it. */
type Selected = Candidate & { readonly isCoarse: boolean };

async function select(unit: Unit, { statement, values, isRefined = false }: Selection): Promise<Selected[]> {
  const found: Selected[] = [];
  const onRow = (row: DataRow): void => void found.push({ ...candidateOf(row), isCoarse: isRefined && row.bool(row.count - 1) });
  await unit.execute([{ statement, values, onRow }]);
  return found;
}

function candidateOf(row: DataRow): Candidate {
  const bytes = bsonOf(row, 1);
  return { key: Buffer.from(row.bytes(0)), bytes, document: decodeDocument(bytes) };
}
