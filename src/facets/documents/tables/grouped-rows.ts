// The results of a $group that PostgreSQL makes of a table's rows.

import type { DataRow } from '../../../engine/client.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { approximateSizeOf, defaultMemoryLimitBytes } from '../pipelines/memory.ts';
import type { GroupStage, PipelineEnvironment } from '../pipelines/stage.ts';
import { Inexact } from '../store/grouped-numbers.ts';
import type { Operation } from '../store/operations.ts';
import { SqlCursor } from '../store/sql-cursor.ts';
import type { StoreContext } from '../store/store-context.ts';
import type { TableGroupPlan } from './plan-table-group.ts';

type Grouping = { readonly plan: TableGroupPlan; readonly stage: GroupStage; readonly environment: PipelineEnvironment };

/** Undefined where only looking at each row can tell. */
export async function groupedRows(context: StoreContext, operation: Operation, { plan, stage, environment }: Grouping): Promise<Document[] | undefined> {
  let bytes = 0;
  const read = (row: DataRow): Document | undefined => {
    const documents = BigInt(row.utf8(0));
    // Without keys there is a group of no rows.
    if (documents === 0n) return undefined;
    const id = stage.id.evaluate(environment.scopeFor(keyDocument(row, plan))) ?? null;
    bytes += approximateSizeOf(id) + 64 + 96 * plan.fields.length;
    if (bytes > defaultMemoryLimitBytes) throw new Inexact();
    const result: Document = new Map([['_id', id]]);
    let at = 1 + plan.keys.length;
    for (const { field, columns, make } of plan.fields) {
      const texts = columns.map((_, index) => textAt(row, at + index));
      result.set(field, make(texts, documents));
      at += columns.length;
    }
    return result;
  };
  try {
    const results = await new SqlCursor(context, { operation, query: plan.query, read }).fetchAll();
    return results.filter((result) => result !== undefined);
  } catch (error) {
    if (error instanceof Inexact) return undefined;
    throw error;
  }
}

function textAt(row: DataRow, index: number): string | null {
  return row.isNull(index) ? null : row.utf8(index);
}

/** A document with nothing but the columns that the id is made of. */
function keyDocument(row: DataRow, { keys }: TableGroupPlan): Document {
  const document: Document = new Map();
  for (const [index, { path }] of keys.entries()) {
    const json = textAt(row, 1 + index);
    const value: Value = json === null ? null : (fromStoredJson(`{"key":${json}}`).get('key') ?? null);
    const [name = '', part] = path;
    if (part === undefined) {
      document.set(name, value);
      continue;
    }
    const whole = document.get(name);
    document.set(name, whole instanceof Map ? whole.set(part, value) : new Map([[part, value]]));
  }
  return document;
}
