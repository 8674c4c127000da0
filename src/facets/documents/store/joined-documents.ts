// A $lookup that PostgreSQL joins (planner/plan-join.ts): one statement gives the local documents with the foreign ones. What it
// cannot tell, and what of the nested pipeline it does not do, is done here.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document } from '../../../values/bson/types.ts';
import { batchesOf, gather } from '../pipelines/batches.ts';
import { runPipeline } from '../pipelines/run-pipeline.ts';
import type { Batches, LookupStage, Pipeline, PipelineEnvironment } from '../pipelines/stage.ts';
import { joinDocuments, joinEach, mustEvaluateUnread } from '../pipelines/stages/join-documents.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { planJoin } from '../planner/plan-join.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { idFirst } from './id-first.ts';
import type { Operation } from './operations.ts';
import { documentOf } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { Query } from './query.ts';
import type { StoreContext } from './store-context.ts';

const rowsAtOnce = 500;

export type PlannedJoin = { readonly query: Query; /** What of the nested pipeline is left. */ readonly rest: Pipeline };

type Joining = { readonly local: CollectionInfo; readonly foreign: CollectionInfo; readonly query: CollectionQuery; readonly stage: LookupStage };

/** Undefined where PostgreSQL cannot join, or would not do it well. */
export function planJoinedDocuments({ local, foreign, query, stage }: Joining): PlannedJoin | undefined {
  const { fields, pipeline, apartStages } = stage;
  if (fields === undefined || mustEvaluateUnread(stage) || local.table !== undefined || foreign.kind !== 'collection' || foreign.isCapped) return undefined;
  const { query: documents, residual, refined } = planCollectionQuery(local, query, { columns: 'doc, bson' });
  if (Object.keys(residual).length > 0 || refined !== undefined) return undefined;
  const conditions: string[] = [];
  let done = 0;
  for (const nested of pipeline.slice(0, apartStages)) {
    const planned = nested.name === '$match' ? planFilter(nested.filter, documents.parameters, { isByteOrdered: foreign.isByteOrdered }) : undefined;
    if (planned?.isExact !== true) break;
    if (planned.sql !== undefined) conditions.push(planned.sql);
    done += 1;
  }
  const plan = planJoin({ foreign, fields, where: conditions.length === 0 ? undefined : conditions.join(' and ') });
  return plan && { query: { text: plan.over(documents.text), parameters: documents.parameters }, rest: pipeline.slice(done) };
}

type Row = { readonly document: Document; /** Undefined where SQL cannot tell. */ readonly foreign: readonly Document[] | undefined };

/** The documents that the stage gives. */
export async function* joinedDocuments(context: StoreContext, operation: Operation, { planned, stage, environment }: { readonly planned: PlannedJoin; readonly stage: LookupStage; readonly environment: PipelineEnvironment }): Batches {
  const cursor = new SqlCursor(context, { operation, query: planned.query, read: readRow });
  try {
    while (!cursor.isExhausted) {
      const rows = await cursor.fetch(rowsAtOnce);
      if (rows.length > 0) yield await joinRows(rows, { planned, stage, environment });
    }
  } finally {
    await cursor.close();
  }
}

async function joinRows(rows: readonly Row[], { planned: { rest }, stage, environment }: { readonly planned: PlannedJoin; readonly stage: LookupStage; readonly environment: PipelineEnvironment }): Promise<Document[]> {
  const unknown = rows.filter(({ foreign }) => foreign === undefined).map(({ document }) => document);
  const joinedHere = unknown.length === 0 ? [] : await gather(joinDocuments(batchesOf(unknown), stage, environment));
  const told = rows.filter(({ foreign }) => foreign !== undefined);
  const joinedThere = await joinEach(told.map(({ document }) => document), stage, environment, (nested, index) => runPipeline(rest, batchesOf(told[index]!.foreign!), nested));
  let [here, there] = [0, 0];
  return rows.map(({ foreign }) => (foreign === undefined ? joinedHere[here++]! : joinedThere[there++]!));
}

function readRow(row: DataRow): Row {
  return { document: documentOf(row), foreign: row.bool(2) ? undefined : foreignOf(row) };
}

function foreignOf(row: DataRow): Document[] {
  const texts = arrayIn(row, 4);
  return arrayIn(row, 3).map((bytes, index) => (bytes === undefined ? idFirst(fromStoredJson(texts[index]!.toString('utf8'))) : decodeDocument(bytes)));
}

/** An array in binary: a header, and the length in front of each element. */
const headerBytes = 20;

function arrayIn(row: DataRow, column: number): (Buffer | undefined)[] {
  if (row.isNull(column)) return [];
  const bytes = Buffer.from(row.bytes(column));
  const elements: (Buffer | undefined)[] = [];
  for (let at = headerBytes; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    at += 4;
    elements.push(length < 0 ? undefined : bytes.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return elements;
}
