// A $group whose groups PostgreSQL makes: one statement, and the results made here of what it tells of each group.

import type { DataRow } from '../../../engine/client.ts';
import { hashKeyOf } from '../../../values/bson/compare.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { intOrLong } from '../expressions/coercions.ts';
import { approximateSizeOf, defaultMemoryLimitBytes } from '../pipelines/memory.ts';
import type { GroupStage, PipelineEnvironment } from '../pipelines/stage.ts';
import { type GroupPlan, type GroupedField, argumentColumns, firstColumns, planGroup, sumColumns } from '../planner/plan-group.ts';
import type { CollectionInfo } from './catalog.ts';
import { type CollectionQuery, planCollectionQuery } from './collection-query.ts';
import { GroupedNumbers, Inexact } from './grouped-numbers.ts';
import { GroupedSums } from './grouped-sums.ts';
import type { Operation } from './operations.ts';
import { type Query, SqlCursor } from './sql-cursor.ts';
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
export function planGrouping(info: CollectionInfo, stage: GroupStage, { sort, ...query }: CollectionQuery): PlannedGrouping | undefined {
  const plan = planGroup(stage, info);
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

/** What is told of the values of one argument in one group. */
type GroupedValues = Pick<GroupedNumbers, 'read' | 'result'>;

type Group = { readonly id: Value; documents: bigint; readonly values: readonly GroupedValues[] };

type Grouping = { readonly planned: PlannedGrouping; readonly stage: GroupStage; readonly environment: PipelineEnvironment };

/** The results; undefined where there is something among the documents that only looking at each of them can tell. */
export async function groupedDocuments(context: StoreContext, operation: Operation, { planned, stage, environment }: Grouping): Promise<Document[] | undefined> {
  const { plan, query, sums } = planned;
  const grouped = sums === undefined ? undefined : await readGroups(context, operation, { query: sums, plan, columns: sumColumns.length, newValues: () => new GroupedSums() }, { stage, environment });
  if (grouped !== undefined || query === undefined) return grouped;
  return await readGroups(context, operation, { query, plan, columns: argumentColumns.length, newValues: () => new GroupedNumbers() }, { stage, environment });
}

type Reading = { readonly query: Query; readonly plan: GroupPlan; /** Of each argument. */ readonly columns: number; readonly newValues: () => GroupedValues };

/** Undefined where the statement does not tell enough. */
async function readGroups(context: StoreContext, operation: Operation, { query, plan, columns, newValues }: Reading, { stage, environment }: Omit<Grouping, 'planned'>): Promise<Document[] | undefined> {
  let bytes = 0;
  const groups = new Map<string, Group>();
  const read = (row: DataRow): void => {
    const documents = row.int64(0);
    if (documents === 0n) return;
    if (row.int64(1) > 0n || keysHoldDocuments(row, plan)) throw new Inexact();
    const id = stage.id.evaluate(environment.scopeFor(keyDocument(row, plan))) ?? null;
    const hash = hashKeyOf(id);
    let group = groups.get(hash);
    if (group === undefined) {
      bytes += approximateSizeOf(id) + 64 + 96 * plan.arguments.length;
      // More than memory should hold: the stage itself goes on in files.
      if (bytes > (environment.memoryLimitBytes ?? defaultMemoryLimitBytes)) throw new Inexact();
      group = { id, documents: 0n, values: plan.arguments.map(newValues) };
      groups.set(hash, group);
    }
    group.documents += documents;
    for (const [index, values] of group.values.entries()) values.read(row, firstColumns + plan.keys.length + index * columns);
  };
  try {
    await new SqlCursor(context, { operation, query, read }).fetchAll();
    return [...groups.values()].map((group) => resultOf(group, plan.fields));
  } catch (error) {
    if (error instanceof Inexact) return undefined;
    throw error;
  }
}

/** A document with nothing but the fields that the id is made of. */
function keyDocument(row: DataRow, { keys }: GroupPlan): Document {
  const document: Document = new Map();
  for (const [index, path] of keys.entries()) {
    const value = keyOf(row, index);
    if (value !== undefined) setAt(document, path, value);
  }
  return document;
}

function keyOf(row: DataRow, index: number): Maybe {
  return row.isNull(firstColumns + index) ? undefined : fromStoredJson(`{"key":${row.utf8(firstColumns + index)}}`).get('key');
}

function keysHoldDocuments(row: DataRow, { keys }: GroupPlan): boolean {
  return keys.some((_, index) => holdsDocument(keyOf(row, index)));
}

/** jsonb does not keep the order of fields, by which documents differ. */
function holdsDocument(value: Maybe): boolean {
  return value instanceof Map || (Array.isArray(value) && value.some(holdsDocument));
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

function resultOf({ id, documents, values }: Group, fields: readonly GroupedField[]): Document {
  const result: Document = new Map([['_id', id]]);
  for (const field of fields) result.set(field.field, field.operator === '$count' ? countOf(documents, field) : values[field.argument]!.result(field.operator));
  return result;
}

function countOf(documents: bigint, { addend, isLong }: Extract<GroupedField, { operator: '$count' }>): Value {
  const total = documents * addend;
  if (BigInt.asIntN(64, total) !== total) return Number(total);
  return isLong ? total : intOrLong(total);
}
