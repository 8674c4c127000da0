// explain: the SQL that PostgreSQL answers, its own plan, and what is left to be done here.

import { statementFor } from './statements.ts';
import { DocumentError } from '../errors.ts';
import { parseExtendedJson } from '../../../values/bson/extended-json.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import type { Grouping } from '../planner/plan-group.ts';
import { planTableGroup } from '../tables/plan-table-group.ts';
import { parseAggregate, plannedJoin, resolveViews, splitPipeline } from './aggregate.ts';
import type { CollectionInfo } from './catalog.ts';
import { type CollectionPlan, type CollectionQuery, planCollectionQuery } from './collection-query.ts';
import { newCommandScope } from './command-scope.ts';
import { type OpenAggregate, find, parseFind, plannedDistinct, viewQuery } from './find.ts';
import { leadingGrouping, planGrouping } from './grouped-documents.ts';
import { checkHint, withinBounds } from './hints.ts';
import { findCollection } from './lookup.ts';
import { namespaceOf } from './names.ts';
import type { AggregateQuery, CountQuery, DeleteRequest, DistinctQuery, DocumentCursor, FindAndModifyRequest, FindQuery, Operation, UpdateRequest } from './operations.ts';
import { parsedQueryOf } from './parsed-query.ts';
import type { Query } from './sql-cursor.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';
import { type PlanShape, isOwnIndexScan, winningPlanOf } from './winning-plan.ts';

const batchBytes = 16_777_216;

export type ExplainedCommand =
  | { readonly kind: 'find'; readonly query: FindQuery }
  | { readonly kind: 'aggregate'; readonly query: AggregateQuery }
  | { readonly kind: 'count'; readonly query: CountQuery }
  | { readonly kind: 'distinct'; readonly query: DistinctQuery }
  | { readonly kind: 'update'; readonly request: UpdateRequest }
  | { readonly kind: 'delete'; readonly request: DeleteRequest }
  | { readonly kind: 'findAndModify'; readonly request: FindAndModifyRequest };

export type Verbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

type Explained = {
  readonly target: CollectionName;
  readonly info: CollectionInfo | undefined;
  readonly plan: CollectionPlan | undefined;
  /** What the plan gives are values of the documents that are found. */
  readonly givesValues?: boolean;
  /** Of a pipeline, those that run here. */
  readonly stages: readonly string[];
  readonly shape: PlanShape;
  /** What gives the documents that are found, where PostgreSQL does not tell how many those are. */
  readonly open: () => Promise<DocumentCursor>;
};

export type Explanation = { readonly command: ExplainedCommand; readonly verbosity: Verbosity; readonly aggregate: OpenAggregate };

/** `queryPlanner`, `executionStats` where it was asked for, and `facetdb`: `sql`, `plan` and `residual`. */
export async function explain(context: StoreContext, operation: Operation, { command, verbosity, aggregate }: Explanation): Promise<Document> {
  const { target, info, plan, givesValues = false, stages, shape, open } = await planOf({ context, operation, aggregate }, command);
  const isExecuted = verbosity !== 'queryPlanner';
  const postgres = plan === undefined ? undefined : await postgresPlan(context, operation, { plan, isExecuted });
  const isSortedHere = plan?.residual.sort !== undefined;
  const winningPlan = winningPlanOf(info === undefined || postgres === undefined ? undefined : { info, postgres, isSortedHere }, shape);
  const reply: Document = new Map<string, Value>([
    ['explainVersion', '1'],
    ['queryPlanner', new Map<string, Value>([
      ['namespace', namespaceOf(target)], ['indexFilterSet', false], ['parsedQuery', shape.parsedQuery],
      ['maxIndexedOrSolutionsReached', false], ['maxIndexedAndSolutionsReached', false], ['maxScansToExplodeReached', false],
      ['winningPlan', winningPlan], ['rejectedPlans', []],
    ])],
  ]);
  if (isExecuted) {
    const isTold = plan !== undefined && !givesValues && Object.keys(plan.residual).length === 0 && stages.length === 0;
    const found = isTold ? undefined : await countOf(await open());
    reply.set('executionStats', executionStatsOf({ postgres, winningPlan, found, command, withAllPlans: verbosity === 'allPlansExecution' }));
  }
  const own: Document = new Map<string, Value>([['sql', plan?.query.text ?? null], ['plan', postgres ?? null], ['residual', [...Object.keys(plan?.residual ?? {}), ...stages]]]);
  return reply.set('facetdb', own);
}

type Asked = { readonly context: StoreContext; readonly operation: Operation; readonly aggregate: OpenAggregate };

async function planOf(asked: Asked, command: ExplainedCommand): Promise<Explained> {
  switch (command.kind) {
    case 'find':
      return await explainFind(asked, command.query);
    case 'count':
      return await explainFind(asked, command.query, 'COUNT');
    case 'distinct':
      return await explainDistinct(asked, command.query);
    case 'aggregate':
      return await explainAggregate(asked, command.query);
    case 'findAndModify': {
      const { target, filter, sort, projection, remove, let: variables, hint } = command.request;
      return await explainFind(asked, { target, filter, sort, projection, hint, let: variables, limit: 1n }, remove ? 'DELETE' : 'UPDATE');
    }
    default: {
      const { request } = command;
      const [statement] = request.statements;
      if (statement === undefined || request.statements.length !== 1) throw new DocumentError('InvalidLength', 'explained write batches must be of size 1');
      const isSingle = 'limit' in statement ? statement.limit === 1 : !statement.multi;
      const query = { target: request.target, filter: statement.filter, hint: statement.hint, let: request.let, limit: isSingle ? 1n : undefined };
      return await explainFind(asked, query, command.kind === 'update' ? 'UPDATE' : 'DELETE');
    }
  }
}

async function explainDistinct(asked: Asked, query: DistinctQuery): Promise<Explained> {
  const planned = await plannedDistinct(asked.context, asked.operation, query);
  const found = await explainFind(asked, query);
  return planned === undefined ? found : { ...found, plan: { query: planned, residual: {} }, givesValues: true };
}

/** `top`: the stage of what is done with the documents. */
async function explainFind(asked: Asked, query: FindQuery, top?: string): Promise<Explained> {
  const { context, operation, aggregate } = asked;
  const parsed = parseFind(query);
  const info = await findCollection(context, operation, query.target);
  if (info?.kind === 'view') return await explainAggregate(asked, viewQuery(query));
  if (info !== undefined) checkHint(info, query.hint);
  const isWrite = top === 'UPDATE' || top === 'DELETE';
  return {
    target: query.target,
    info,
    plan: info === undefined ? undefined : planCollectionQuery(info, withinBounds(info, parsed.query, query)),
    stages: [],
    shape: { parsedQuery: parsedQueryOf(query.filter), sort: query.sort, skip: query.skip, limit: isWrite ? undefined : query.limit, projection: query.projection, top },
    open: () => find(context, operation, query, aggregate),
  };
}

async function explainAggregate({ context, operation, aggregate }: Asked, query: AggregateQuery): Promise<Explained> {
  const scope = newCommandScope(query.let);
  const pipeline = parseAggregate(query, scope, operation);
  const target = { database: query.database, collection: query.collection ?? '$cmd.aggregate' };
  const [first] = query.pipeline;
  const filter = first instanceof Map ? first.get('$match') : undefined;
  const shared = { target, shape: { parsedQuery: filter instanceof Map ? parsedQueryOf(filter) : new Map() }, open: () => aggregate(operation, query) };
  if (query.collection === undefined) return { ...shared, info: undefined, plan: undefined, stages: pipeline.map(({ name }) => name) };
  const { info, stages } = await resolveViews(context, operation, { target, pipeline, scope });
  const { query: leading, rest } = splitPipeline(stages);
  const [stage] = rest;
  const grouping = leadingGrouping(rest);
  const grouped = info === undefined || grouping === undefined ? undefined : groupingOf(info, grouping.grouping, leading);
  if (grouping !== undefined && grouped !== undefined) return { ...shared, info, plan: { query: grouped.query, residual: {} }, stages: rest.slice(grouping.stages).map(({ name }) => name) };
  const join = info !== undefined && stage?.name === '$lookup' ? await plannedJoin(context, operation, { info, query: leading, stage }) : undefined;
  // What of the nested pipeline is left, is of the stage.
  if (join !== undefined) return { ...shared, info, plan: { query: join.query, residual: {} }, stages: rest.slice(join.rest.length === 0 ? 1 : 0).map(({ name }) => name) };
  return { ...shared, info, plan: info === undefined ? undefined : planCollectionQuery(info, leading), stages: rest.map(({ name }) => name) };
}

function groupingOf(info: CollectionInfo, grouping: Grouping, query: CollectionQuery): { readonly query: Query } | undefined {
  if (info.table !== undefined) return grouping.unwinding === undefined ? planTableGroup(info.table, grouping.group, query) : undefined;
  const planned = planGrouping(info, grouping, query);
  const known = planned?.sums ?? planned?.query;
  return known && { query: known };
}

async function postgresPlan({ engine }: StoreContext, operation: Operation, { plan, isExecuted }: { readonly plan: CollectionPlan; readonly isExecuted: boolean }): Promise<Document> {
  const { text, parameters } = plan.query;
  const rows = await onConnection(engine, operation, async (connection) => {
    const found: string[] = [];
    const statement = statementFor(`explain (format json, analyze ${isExecuted}, buffers ${isExecuted}) ${text}`, parameters.types);
    await connection.execute([{ statement, values: parameters.values, onRow: (row) => void found.push(row.utf8(0)) }]);
    return found;
  });
  const value = parseExtendedJson(rows.join(''));
  const [first] = Array.isArray(value) ? value : [];
  return first instanceof Map ? first : new Map();
}

/** How many documents a cursor gives; none of them is kept. */
async function countOf(cursor: DocumentCursor): Promise<number> {
  let count = 0;
  try {
    while (!cursor.isExhausted) {
      const batch = await cursor.next({ bytes: batchBytes });
      if (batch.length === 0) break;
      count += batch.length;
    }
    return count;
  } finally {
    await cursor.close();
  }
}

type Execution = {
  readonly postgres: Document | undefined;
  readonly winningPlan: Document;
  /** Undefined where PostgreSQL's rows are the documents. */
  readonly found: number | undefined;
  readonly command: ExplainedCommand;
  readonly withAllPlans: boolean;
};

function executionStatsOf({ postgres, winningPlan, found, command, withAllPlans }: Execution): Document {
  const plan = postgres?.get('Plan');
  const count = found ?? (plan instanceof Map ? numberIn(plan, 'Actual Rows') : 0);
  const isWrite = command.kind === 'update' || command.kind === 'delete';
  const returned = int32(isWrite || command.kind === 'count' ? 0 : count);
  const { documents, keys } = plan === undefined ? { documents: 0, keys: 0 } : examinedBy(plan);
  const millis = int32(postgres === undefined ? 0 : Math.round(numberIn(postgres, 'Execution Time')));
  const counts: readonly (readonly [string, Value])[] = command.kind === 'count'
    ? [['nCounted', int32(count)], ['nSkipped', int32(0)]]
    : command.kind === 'update' ? [['nMatched', int32(count)]] : command.kind === 'delete' ? [['nWouldDelete', int32(count)]] : [];
  const [stage, ...rest] = winningPlan;
  const stats: Document = new Map<string, Value>([
    ['executionSuccess', true], ['nReturned', returned], ['executionTimeMillis', millis], ['totalKeysExamined', int32(keys)], ['totalDocsExamined', int32(documents)],
    ['executionStages', new Map<string, Value>([stage!, ['nReturned', returned], ['executionTimeMillisEstimate', millis], ...counts, ...rest])],
  ]);
  return withAllPlans ? stats.set('allPlansExecution', []) : stats;
}

/** How many rows of tables and entries of indexes PostgreSQL has looked at. */
function examinedBy(node: Value): { documents: number; keys: number } {
  const sum = { documents: 0, keys: 0 };
  if (!(node instanceof Map)) return sum;
  const loops = numberIn(node, 'Actual Loops');
  const rows = numberIn(node, 'Actual Rows') * loops;
  if (node.has('Relation Name')) sum.documents += rows + (numberIn(node, 'Rows Removed by Filter') + numberIn(node, 'Rows Removed by Index Recheck')) * loops;
  if (isOwnIndexScan(node)) sum.keys += rows;
  const children = node.get('Plans');
  for (const child of Array.isArray(children) ? children : []) {
    const { documents, keys } = examinedBy(child);
    sum.documents += documents;
    sum.keys += keys;
  }
  return { documents: Math.round(sum.documents), keys: Math.round(sum.keys) };
}

function numberIn(document: Document, name: string): number {
  const value = document.get(name);
  return isNumeric(value) ? toDouble(value) : 0;
}
