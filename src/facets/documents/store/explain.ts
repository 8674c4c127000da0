// explain: the SQL that PostgreSQL answers, its own plan, and what is left to be done here.

import { statementFor } from './statements.ts';
import { DocumentError } from '../errors.ts';
import { parseExtendedJson } from '../../../values/bson/extended-json.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { CollectionName, GroupStage } from '../pipelines/stage.ts';
import { planTableGroup } from '../tables/plan-table-group.ts';
import { parseAggregate, plannedJoin, resolveViews, splitPipeline } from './aggregate.ts';
import type { CollectionInfo } from './catalog.ts';
import { type CollectionPlan, type CollectionQuery, planCollectionQuery } from './collection-query.ts';
import { newCommandScope } from './command-scope.ts';
import { parseFind, viewQuery } from './find.ts';
import { planGrouping } from './grouped-documents.ts';
import { withinBounds } from './hints.ts';
import { findCollection } from './lookup.ts';
import { namespaceOf } from './names.ts';
import type { AggregateQuery, CountQuery, DeleteRequest, DistinctQuery, FindAndModifyRequest, FindQuery, Operation, UpdateRequest } from './operations.ts';
import type { Query } from './sql-cursor.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

export type ExplainedCommand =
  | { readonly kind: 'find'; readonly query: FindQuery }
  | { readonly kind: 'aggregate'; readonly query: AggregateQuery }
  | { readonly kind: 'count'; readonly query: CountQuery }
  | { readonly kind: 'distinct'; readonly query: DistinctQuery }
  | { readonly kind: 'update'; readonly request: UpdateRequest }
  | { readonly kind: 'delete'; readonly request: DeleteRequest }
  | { readonly kind: 'findAndModify'; readonly request: FindAndModifyRequest };

export type Verbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

type Explained = { readonly target: CollectionName; readonly plan: CollectionPlan | undefined; readonly stages: readonly string[] };

/** `queryPlanner`, `executionStats` where it was asked for, and `facetdb`: `sql`, `plan` and `residual`. */
export async function explain(context: StoreContext, operation: Operation, { command, verbosity }: { readonly command: ExplainedCommand; readonly verbosity: Verbosity }): Promise<Document> {
  const { target, plan, stages } = await planOf(context, operation, command);
  const isExecuted = verbosity !== 'queryPlanner';
  const postgres = plan === undefined ? undefined : await postgresPlan(context, operation, { plan, isExecuted });
  const winningPlan = winningPlanOf(postgres, plan);
  const reply: Document = new Map<string, Value>([
    ['explainVersion', '1'],
    ['queryPlanner', new Map<string, Value>([['namespace', namespaceOf(target)], ['parsedQuery', new Map()], ['winningPlan', winningPlan], ['rejectedPlans', []]])],
  ]);
  if (isExecuted) reply.set('executionStats', executionStatsOf(postgres));
  const own: Document = new Map<string, Value>([['sql', plan?.query.text ?? null], ['plan', postgres ?? null], ['residual', [...Object.keys(plan?.residual ?? {}), ...stages]]]);
  return reply.set('facetdb', own);
}

async function planOf(context: StoreContext, operation: Operation, command: ExplainedCommand): Promise<Explained> {
  switch (command.kind) {
    case 'find':
      return await explainFind(context, operation, command.query);
    case 'count':
    case 'distinct':
      return await explainFind(context, operation, command.query);
    case 'aggregate':
      return await explainAggregate(context, operation, command.query);
    case 'findAndModify':
      return await explainFind(context, operation, { target: command.request.target, filter: command.request.filter, sort: command.request.sort, limit: 1n });
    default: {
      const [statement] = command.request.statements;
      if (statement === undefined || command.request.statements.length !== 1) throw new DocumentError('InvalidLength', 'explained write batches must be of size 1');
      return await explainFind(context, operation, { target: command.request.target, filter: statement.filter });
    }
  }
}

async function explainFind(context: StoreContext, operation: Operation, query: FindQuery): Promise<Explained> {
  const parsed = parseFind(query);
  const info = await findCollection(context, operation, query.target);
  if (info?.kind === 'view') return await explainAggregate(context, operation, viewQuery(query));
  return { target: query.target, plan: info === undefined ? undefined : planCollectionQuery(info, withinBounds(info, parsed.query, query)), stages: [] };
}

async function explainAggregate(context: StoreContext, operation: Operation, query: AggregateQuery): Promise<Explained> {
  const scope = newCommandScope(query.let);
  const pipeline = parseAggregate(query, scope, operation);
  const target = { database: query.database, collection: query.collection ?? '$cmd.aggregate' };
  if (query.collection === undefined) return { target, plan: undefined, stages: pipeline.map(({ name }) => name) };
  const { info, stages } = await resolveViews(context, operation, { target, pipeline, scope });
  const { query: leading, rest } = splitPipeline(stages);
  const [stage] = rest;
  const grouping = info !== undefined && stage?.name === '$group' ? groupingOf(info, stage, leading) : undefined;
  if (grouping !== undefined) return { target, plan: { query: grouping.query, residual: {} }, stages: rest.slice(1).map(({ name }) => name) };
  const join = info !== undefined && stage?.name === '$lookup' ? await plannedJoin(context, operation, { info, query: leading, stage }) : undefined;
  // What of the nested pipeline is left, is of the stage.
  if (join !== undefined) return { target, plan: { query: join.query, residual: {} }, stages: rest.slice(join.rest.length === 0 ? 1 : 0).map(({ name }) => name) };
  return { target, plan: info === undefined ? undefined : planCollectionQuery(info, leading), stages: rest.map(({ name }) => name) };
}

function groupingOf(info: CollectionInfo, stage: GroupStage, query: CollectionQuery): { readonly query: Query } | undefined {
  if (info.table !== undefined) return planTableGroup(info.table, stage, query);
  const planned = planGrouping(info, stage, query);
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

function winningPlanOf(postgres: Document | undefined, plan: CollectionPlan | undefined): Document {
  if (postgres === undefined || plan === undefined) return new Map([['stage', 'EOF']]);
  const indexes = [...indexNames(postgres)];
  const access: Document = indexes.length === 0 ? new Map([['stage', 'COLLSCAN']]) : new Map<string, Value>([['stage', 'IXSCAN'], ['indexName', indexes[0]!]]);
  const fetched: Document = indexes.length === 0 ? access : new Map<string, Value>([['stage', 'FETCH'], ['inputStage', access]]);
  return plan.residual.sort === undefined ? fetched : new Map<string, Value>([['stage', 'SORT'], ['inputStage', fetched]]);
}

/** Of the order of insertion, in which MongoDB scans a collection. */
const positionIndex = '$position.';

/** The indexes that PostgreSQL's plan uses, by PostgreSQL's names. */
function* indexNames(value: Value): Generator<string> {
  if (Array.isArray(value)) for (const element of value) yield* indexNames(element);
  if (!(value instanceof Map)) return;
  const name = value.get('Index Name');
  if (typeof name === 'string' && !name.startsWith(positionIndex)) yield name;
  for (const child of value.values()) yield* indexNames(child);
}

function executionStatsOf(postgres: Document | undefined): Document {
  const plan = postgres?.get('Plan');
  const rows = plan instanceof Map ? plan.get('Actual Rows') : undefined;
  const time = postgres?.get('Execution Time');
  const returned = rows === undefined ? int32(0) : rows;
  return new Map<string, Value>([
    ['executionSuccess', true], ['nReturned', returned], ['executionTimeMillis', int32(typeof time === 'number' ? Math.round(time) : 0)],
    ['totalKeysExamined', int32(0)], ['totalDocsExamined', returned],
  ]);
}
