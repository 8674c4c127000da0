// A $group whose groups PostgreSQL makes: one statement, and the results made here of what it tells of each group.

import type { DataRow } from '../../../engine/client.ts';
import { hashKeyOf } from '../../../values/bson/compare.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { intOrLong } from '../expressions/coercions.ts';
import { approximateSizeOf, defaultMemoryLimitBytes } from '../pipelines/memory.ts';
import type { GroupStage, Pipeline, PipelineEnvironment } from '../pipelines/stage.ts';
import { unwind } from '../pipelines/stages/unwind.ts';
import { type DocumentPlace, type GroupPlan, type GroupedField, type Grouping, argumentColumns, firstColumns, planGroup, sumColumns } from '../planner/plan-group.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { GroupedNumbers, Inexact } from './grouped-numbers.ts';
import { GroupedSums } from './grouped-sums.ts';
import { holdsDocument } from './distinct-values.ts';
import { type KeyedValues, newKeyedValues } from './keyed-values.ts';
import { isFoundInOrder } from './found-in-order.ts';
import { tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { bsonOf } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { Query } from './query.ts';
import type { StoreContext } from './store-context.ts';

/** Of a larger collection, half a gigabyte, the values of a group might be more than memory should hold; sums are not. */
const mostPages = 65_536;

export type PlannedGrouping = {
  readonly plan: GroupPlan;
  /** Tells of every kind of values; absent where that might be too much for memory. */
  readonly query?: Query;
  /** What is tried before it: `GroupPlan.sumsOver`. */
  readonly sums?: Query;
};

/** Undefined where PostgreSQL cannot tell what the results are made of. */
export function planGrouping(info: CollectionInfo, grouping: Grouping, { sort, ...query }: CollectionQuery): PlannedGrouping | undefined {
  const isInOrder = info.hasPositions && sort === undefined && query.natural === undefined && isFoundInOrder(info, query.filter);
  const plan = planGroup(grouping, { table: tableOf(info.target), hasPositions: info.hasPositions, isInOrder });
  const isLarge = plan !== undefined && plan.arguments.length > 0 && info.pages > mostPages;
  if (plan === undefined || (isLarge && plan.sumsOver === undefined)) return undefined;
  const isCut = query.limit !== undefined || query.skip !== undefined;
  // In whatever order: the values come with their documents' positions.
  const { query: documents, residual, refined } = planCollectionQuery(info, isCut ? { ...query, sort } : query, { columns: plan.columns, order: isCut ? undefined : 'unordered' });
  if (Object.keys(residual).length > 0 || refined !== undefined) return undefined;
  return {
    plan,
    ...(isLarge ? {} : { query: { text: plan.over(documents.text), parameters: documents.parameters } }),
    ...(plan.sumsOver === undefined ? {} : { sums: { text: plan.sumsOver(documents.text), parameters: documents.parameters } }),
  };
}

/** What a pipeline begins with that may be grouped by PostgreSQL, and how many of its stages that are. */
export function leadingGrouping([first, second]: Pipeline): { readonly grouping: Grouping; readonly stages: number } | undefined {
  if (first?.name === '$group') return { grouping: { group: first }, stages: 1 };
  return first?.name === '$unwind' && second?.name === '$group' ? { grouping: { unwinding: first, group: second }, stages: 2 } : undefined;
}

/** What is told of the values of one argument in one group. */
type GroupedValues = Pick<GroupedNumbers, 'read' | 'result'>;

type PlacedDocument = { readonly position: bigint; readonly document: Buffer };

type Group = {
  readonly id: Value;
  documents: bigint;
  readonly values: readonly GroupedValues[];
  /** Of each field that is `keyed`. */
  readonly keyed: ReadonlyMap<GroupedField, KeyedValues>;
  $first?: PlacedDocument;
  $last?: PlacedDocument;
};

type GroupingRun = { readonly planned: PlannedGrouping; readonly stage: GroupStage; readonly environment: PipelineEnvironment };

/** The results; undefined where there is something among the documents that only looking at each of them can tell. */
export async function groupedDocuments(context: StoreContext, operation: Operation, { planned, stage, environment }: GroupingRun): Promise<Document[] | undefined> {
  const { plan, query, sums } = planned;
  const grouped = sums === undefined ? undefined : await readGroups(context, operation, { query: sums, plan, columns: sumColumns.length, newValues: () => new GroupedSums() }, { stage, environment });
  if (grouped !== undefined || query === undefined || plan.arguments.length === 0) return grouped;
  return await readGroups(context, operation, { query, plan, columns: argumentColumns.length, newValues: () => new GroupedNumbers() }, { stage, environment });
}

type Reading = { readonly query: Query; readonly plan: GroupPlan; /** Of each argument. */ readonly columns: number; readonly newValues: () => GroupedValues };

/** Undefined where the statement does not tell enough. */
async function readGroups(context: StoreContext, operation: Operation, { query, plan, columns, newValues }: Reading, run: Omit<GroupingRun, 'planned'>): Promise<Document[] | undefined> {
  const groups = new Groups({ plan, columns, newValues, ...run });
  try {
    await new SqlCursor(context, { operation, query, read: (row) => groups.read(row) }).fetchAll();
    return groups.results();
  } catch (error) {
    // An error of an expression is told by the stage itself, which comes upon the documents in their order.
    if (error instanceof Inexact || error instanceof DocumentError) return undefined;
    throw error;
  }
}

/** Among the two that stand behind what is told of the arguments. */
const placeColumn = { $first: 0, $last: 1 } as const satisfies Record<DocumentPlace, number>;

/** The groups of the rows of a statement: of several rows that are the same here (of 1 and a long 1, of what is computed) one is made. */
class Groups {
  readonly #reading: Omit<Reading, 'query'> & Omit<GroupingRun, 'planned'>;
  readonly #groups = new Map<string, Group>();
  #bytes = 0;

  constructor(reading: Omit<Reading, 'query'> & Omit<GroupingRun, 'planned'>) {
    this.#reading = reading;
  }

  /** Throws Inexact. */
  read(row: DataRow): void {
    const { plan } = this.#reading;
    const documents = row.int64(0);
    if (documents === 0n) return;
    if (row.int64(1) > 0n) throw new Inexact();
    const keys = keyDocument(row, plan);
    for (const root of plan.unwinding === undefined ? [keys] : unwind(keys, plan.unwinding)) this.#add(row, documents, root);
  }

  /** Throws Inexact. */
  results(): Document[] {
    return [...this.#groups.values()].map((group) => this.#resultOf(group));
  }

  #add(row: DataRow, documents: bigint, root: Document): void {
    const { plan, columns, stage, environment } = this.#reading;
    const scope = environment.scopeFor(root);
    const group = this.#groupOf(stage.id.evaluate(scope) ?? null);
    group.documents += documents;
    for (const [index, values] of group.values.entries()) values.read(row, firstColumns + plan.keys.length + index * columns);
    const places = firstColumns + plan.keys.length + plan.arguments.length * columns;
    for (const [field, values] of group.keyed) {
      if (field.operator === 'keyed') this.#hold(values.add({ value: field.accumulation.input(scope), documents, place: row.int64(places) }));
    }
    for (const [index, place] of plan.documentsAt.entries()) this.#addDocument(group, row, { place, position: row.int64(places + placeColumn[place]), column: places + 2 + 2 * index });
  }

  #addDocument(group: Group, row: DataRow, { place, position, column }: { readonly place: DocumentPlace; readonly position: bigint; readonly column: number }): void {
    const known = group[place];
    const isNearer = known === undefined || (place === '$first' ? position < known.position : position > known.position);
    if (isNearer) group[place] = { position, document: this.#held(bsonOf(row, column)) };
  }

  #held(document: Buffer): Buffer {
    this.#hold(document.length);
    return document;
  }

  #groupOf(id: Value): Group {
    const { plan, newValues } = this.#reading;
    const hash = hashKeyOf(id);
    const known = this.#groups.get(hash);
    if (known !== undefined) return known;
    this.#hold(approximateSizeOf(id) + 64 + 96 * plan.arguments.length);
    const keyed = new Map(plan.fields.flatMap((field) => (field.operator === 'keyed' ? [[field, newKeyedValues(field.kind)] as const] : [])));
    const group: Group = { id, documents: 0n, values: plan.arguments.map(newValues), keyed };
    this.#groups.set(hash, group);
    return group;
  }

  /** More than memory should hold is Inexact: the stage itself goes on in files. */
  #hold(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > (this.#reading.environment.memoryLimitBytes ?? defaultMemoryLimitBytes)) throw new Inexact();
  }

  #resultOf(group: Group): Document {
    const result: Document = new Map([['_id', group.id]]);
    for (const field of this.#reading.plan.fields) result.set(field.field, this.#valueOf(group, field));
    return result;
  }

  #valueOf(group: Group, field: GroupedField): Value {
    switch (field.operator) {
      case '$count':
        return countOf(group.documents, field);
      case 'keyed':
        return group.keyed.get(field)!.result();
      case '$first':
      case '$last':
        return field.accumulation.input(this.#reading.environment.scopeFor(decodeDocument(group[field.operator]!.document))) ?? null;
      default:
        return group.values[field.argument]!.result(field.operator);
    }
  }
}

/** A document with nothing but the fields that the keys are. Throws Inexact. */
function keyDocument(row: DataRow, { keys }: GroupPlan): Document {
  const document: Document = new Map();
  for (const [index, path] of keys.entries()) {
    const value = keyOf(row, index);
    if (holdsDocument(value)) throw new Inexact();
    if (value !== undefined) setAt(document, path, value);
  }
  return document;
}

function keyOf(row: DataRow, index: number): Maybe {
  return row.isNull(firstColumns + index) ? undefined : fromStoredJson(`{"key":${row.utf8(firstColumns + index)}}`).get('key');
}

function setAt(document: Document, [name, ...rest]: readonly string[], value: Value): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    document.set(name, value);
    return;
  }
  const known = document.get(name);
  const nested: Document = known instanceof Map ? known : new Map();
  document.set(name, nested);
  setAt(nested, rest, value);
}

function countOf(documents: bigint, { addend, isLong }: Extract<GroupedField, { operator: '$count' }>): Value {
  const total = documents * addend;
  if (BigInt.asIntN(64, total) !== total) return Number(total);
  return isLong ? total : intOrLong(total);
}
