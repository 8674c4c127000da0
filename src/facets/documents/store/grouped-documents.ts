// A $group whose groups PostgreSQL makes: one statement, and the results made here of what it tells of each group.

import type { DataRow } from '../../../engine/client.ts';
import { hashKeyOf } from '../../../values/bson/compare.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { intOrLong } from '../expressions/coercions.ts';
import { approximateSizeOf, defaultMemoryLimitBytes } from '../pipelines/memory.ts';
import type { GroupStage, PipelineEnvironment } from '../pipelines/stage.ts';
import { type GroupPlan, type GroupedField, argumentColumns, firstColumns, planGroup } from '../planner/plan-group.ts';
import type { CollectionInfo } from './catalog.ts';
import { type CollectionQuery, planCollectionQuery } from './collection-query.ts';
import { GroupedNumbers, Inexact } from './grouped-numbers.ts';
import type { Operation } from './operations.ts';
import { type Query, SqlCursor } from './sql-cursor.ts';
import type { StoreContext } from './store-context.ts';

/** Of a larger collection, half a gigabyte, the values of a group might be more than memory should hold. */
const mostPages = 65_536;

export type PlannedGrouping = { readonly query: Query; readonly plan: GroupPlan };

/** Undefined where PostgreSQL cannot tell what the results are made of. */
export function planGrouping(info: CollectionInfo, stage: GroupStage, { sort, ...query }: CollectionQuery): PlannedGrouping | undefined {
  const plan = planGroup(stage);
  if (plan === undefined || (plan.arguments.length > 0 && info.pages > mostPages)) return undefined;
  const isCut = query.limit !== undefined || query.skip !== undefined;
  const { query: documents, residual, refined } = planCollectionQuery(info, isCut ? { ...query, sort } : query, { columns: plan.columns });
  if (Object.keys(residual).length > 0 || refined !== undefined) return undefined;
  return { plan, query: { text: plan.over(documents.text), parameters: documents.parameters } };
}

type Group = { readonly id: Value; documents: bigint; readonly numbers: readonly GroupedNumbers[] };

/** The results; undefined where there is something among the documents that only looking at each of them can tell. */
export async function groupedDocuments(context: StoreContext, operation: Operation, { planned: { query, plan }, stage, environment }: { readonly planned: PlannedGrouping; readonly stage: GroupStage; readonly environment: PipelineEnvironment }): Promise<Document[] | undefined> {
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
      if (bytes > defaultMemoryLimitBytes) throw new Inexact();
      group = { id, documents: 0n, numbers: plan.arguments.map(() => new GroupedNumbers()) };
      groups.set(hash, group);
    }
    group.documents += documents;
    for (const [index, numbers] of group.numbers.entries()) numbers.read(row, firstColumns + plan.keys.length + index * argumentColumns.length);
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

function resultOf({ id, documents, numbers }: Group, fields: readonly GroupedField[]): Document {
  const result: Document = new Map([['_id', id]]);
  for (const field of fields) result.set(field.field, field.operator === '$count' ? countOf(documents, field) : numbers[field.argument]!.result(field.operator));
  return result;
}

function countOf(documents: bigint, { addend, isLong }: Extract<GroupedField, { operator: '$count' }>): Value {
  const total = documents * addend;
  if (BigInt.asIntN(64, total) !== total) return Number(total);
  return isLong ? total : intOrLong(total);
}
