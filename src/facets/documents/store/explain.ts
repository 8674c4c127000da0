// explain: the SQL that PostgreSQL answers, its own plan, and what is left to be done here.

import { statementFor } from './statements.ts';
import { DocumentError } from '../errors.ts';
import { parseExtendedJson } from '../../../values/bson/extended-json.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { argumentOf } from '../pipelines/parse-pipeline.ts';
import type { CollectionName, Pipeline } from '../pipelines/stage.ts';
import type { Grouping } from '../planner/plan-group.ts';
import { planTableGroup } from '../tables/plan-table-group.ts';
import { parseAggregate, plannedJoin, resolveViews, splitPipeline } from './aggregate.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionPlan, CollectionQuery } from './collection-query.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { type CommandScope, newCommandScope } from './command-scope.ts';
import type { MultikeyPaths } from './explained-index.ts';
import { type OpenAggregate, find, parseFind, plannedDistinct, viewQuery } from './find.ts';
import { leadingGrouping, planGrouping } from './grouped-documents.ts';
import { checkHint, withinBounds } from './hints.ts';
import { findCollection } from './lookup.ts';
import { multikeyPathsOf } from './multikey-paths.ts';
import { namespaceOf } from './names.ts';
import type { AggregateQuery, CountQuery, DeleteRequest, DistinctQuery, DocumentCursor, FindAndModifyRequest, FindQuery, Operation, UpdateRequest } from './operations.ts';
import { parsedQueryOf } from './parsed-query.ts';
import { planCacheKey, queryHash } from './query-shape.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { Query } from './query.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';
import { type PlanCounts, type PlanShape, isOwnIndexScan, walkedKeysOf, winningPlanOf } from './winning-plan.ts';

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
  readonly stages: Pipeline;
  readonly shape: PlanShape;
  /** An update that would insert a document where it finds none. */
  readonly isUpsert?: boolean;
  /** What gives the documents that are found, where PostgreSQL does not tell how many those are; of a pipeline, all of its results. */
  readonly open: () => Promise<DocumentCursor>;
};

export type Explanation = { readonly command: ExplainedCommand; readonly verbosity: Verbosity; readonly aggregate: OpenAggregate };

/** `queryPlanner`, `executionStats` where it was asked for (of a pipeline, of its first stages: `stages`), and `facetdb`: `sql`, `plan` and `residual`. */
export async function explain(context: StoreContext, operation: Operation, { command, verbosity, aggregate }: Explanation): Promise<Document> {
  const explained = await planOf({ context, operation, aggregate }, command);
  const { target, info, plan, stages, shape } = explained;
  const isExecuted = verbosity !== 'queryPlanner';
  const postgres = plan === undefined ? undefined : await postgresPlan(context, operation, { plan, isExecuted });
  const found = info === undefined || postgres === undefined ? undefined : { info, postgres, isSortedHere: plan?.residual.sort !== undefined, multikeyPaths: await multikeyPaths(context, operation, info, postgres) };
  const winningPlan = winningPlanOf(found, shape);
  const hashes: readonly (readonly [string, Value])[] = found === undefined || winningPlan.get('stage') === 'IDHACK' ? [] : [['queryHash', queryHash(shape)], ['planCacheKey', planCacheKey(shape, found.info.indexes.map(({ name }) => name))]];
  const planned: Document = new Map<string, Value>([
    ['queryPlanner', new Map<string, Value>([
      ['namespace', namespaceOf(target)], ['indexFilterSet', false], ['parsedQuery', shape.parsedQuery], ...hashes,
      ['maxIndexedOrSolutionsReached', false], ['maxIndexedAndSolutionsReached', false], ['maxScansToExplodeReached', false],
      ['winningPlan', winningPlan], ['rejectedPlans', []],
    ])],
  ]);
  const results = isExecuted && (stages.length > 0 || !isTold(explained)) ? await countOf(await explained.open()) : undefined;
  if (isExecuted) {
    const counts = countsOf(explained, { command, postgres, results });
    planned.set('executionStats', executionStatsOf(counts, winningPlanOf(found, shape, counts), { withAllPlans: verbosity === 'allPlansExecution' }));
  }
  const short = plan?.query.withoutArrays?.text;
  const own: Document = new Map<string, Value>([['sql', plan?.query.text ?? null], ...(short === undefined ? [] : [['sqlWithoutArrays', short] as const]), ['plan', postgres ?? null], ['residual', [...Object.keys(plan?.residual ?? {}), ...stages.map(({ name }) => name)]]]);
  const reply: Document = new Map<string, Value>([['explainVersion', '1']]);
  if (stages.length === 0) for (const [name, value] of planned) reply.set(name, value);
  else reply.set('stages', stagesOf(info === undefined && plan === undefined ? undefined : planned, stages, results));
  return reply.set('facetdb', own);
}

/** As MongoDB shows a pipeline of which not all is a query: `$cursor` for what is one, and the stages after it. `results`: of the last one. */
function stagesOf(query: Document | undefined, stages: Pipeline, results: number | undefined): Document[] {
  const cursor: Document[] = query === undefined ? [] : [new Map([['$cursor', query]])];
  return [...cursor, ...stages.map((stage, index): Document => new Map<string, Value>([[stage.name, argumentOf(stage) ?? null], ...(results !== undefined && index === stages.length - 1 ? [['nReturned', BigInt(results)] as const] : [])]))];
}

async function multikeyPaths({ engine }: StoreContext, operation: Operation, info: CollectionInfo, postgres: Document): Promise<MultikeyPaths> {
  const paths = new Set(walkedKeysOf(info, postgres).flatMap((key) => [...key.keys()]));
  return paths.size === 0 ? new Map() : await onConnection(engine, operation, (connection) => multikeyPathsOf(connection, info, [...paths]));
}

/** Whether PostgreSQL's rows are the documents that are found. */
function isTold({ plan, givesValues = false }: Explained): boolean {
  return plan !== undefined && !givesValues && Object.keys(plan.residual).length === 0;
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
      const { target, filter, sort, projection, remove, upsert, let: variables, hint } = command.request;
      return { ...(await explainFind(asked, { target, filter, sort, projection, hint, let: variables, limit: 1n }, remove ? 'DELETE' : 'UPDATE')), isUpsert: upsert };
    }
    default: {
      const { request } = command;
      const [statement] = request.statements;
      if (statement === undefined || request.statements.length !== 1) throw new DocumentError('InvalidLength', 'explained write batches must be of size 1');
      const isSingle = 'limit' in statement ? statement.limit === 1 : !statement.multi;
      const query = { target: request.target, filter: statement.filter, hint: statement.hint, let: request.let, limit: isSingle ? 1n : undefined };
      const isUpsert = 'upsert' in statement && statement.upsert;
      return { ...(await explainFind(asked, query, command.kind === 'update' ? 'UPDATE' : 'DELETE')), isUpsert };
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
    shape: { ...shownFilter(query.filter, parsed.scope), sort: query.sort, skip: query.skip, limit: isWrite ? undefined : query.limit, projection: query.projection, top },
    open: () => find(context, operation, query, aggregate),
  };
}

/** A filter as it is shown, whole and condition by condition. */
function shownFilter(filter: Document, { context }: CommandScope): Pick<PlanShape, 'parsedQuery' | 'conditions'> {
  const parsedQuery = parsedQueryOf(filter);
  const all = parsedQuery.get('$and');
  const shown = parsedQuery.size === 1 && Array.isArray(all) ? all.filter((part) => part instanceof Map) : parsedQuery.size === 0 ? [] : [parsedQuery];
  return { parsedQuery, conditions: shown.map((condition) => ({ shown: condition, filter: parseFilter(condition, context) })) };
}

async function explainAggregate({ context, operation, aggregate }: Asked, query: AggregateQuery): Promise<Explained> {
  const scope = newCommandScope(query.let);
  const pipeline = parseAggregate(query, scope, operation);
  const target = { database: query.database, collection: query.collection ?? '$cmd.aggregate' };
  const [first] = query.pipeline;
  const filter = first instanceof Map ? first.get('$match') : undefined;
  const shared = { target, shape: shownFilter(filter instanceof Map ? filter : new Map(), scope), open: () => aggregate(operation, query) };
  if (query.collection === undefined) return { ...shared, info: undefined, plan: undefined, stages: pipeline };
  const { info, stages } = await resolveViews(context, operation, { target, pipeline, scope });
  const { query: leading, rest } = splitPipeline(stages);
  const [stage] = rest;
  const grouping = leadingGrouping(rest);
  const grouped = info === undefined || grouping === undefined ? undefined : groupingOf(info, grouping.grouping, leading);
  const above = (top: string): PlanShape => ({ ...shared.shape, top });
  if (grouping !== undefined && grouped !== undefined) return { ...shared, shape: above('GROUP'), info, plan: { query: grouped.query, residual: {} }, stages: rest.slice(grouping.stages) };
  const join = info !== undefined && stage?.name === '$lookup' ? await plannedJoin(context, operation, { info, query: leading, stage }) : undefined;
  // What of the nested pipeline is left, is of the stage.
  if (join !== undefined) return { ...shared, shape: above('EQ_LOOKUP'), info, plan: { query: join.query, residual: {} }, stages: rest.slice(join.rest.length === 0 ? 1 : 0) };
  const { skip, limit, sort } = leading;
  const shape: PlanShape = { ...shared.shape, sort: sort && shownSort(sort), skip, limit };
  return { ...shared, shape, info, plan: info === undefined ? undefined : planCollectionQuery(info, leading), stages: rest };
}

function shownSort(pattern: SortPattern): Document {
  return new Map(pattern.map(({ path, descending }) => [path.join('.'), int32(descending ? -1 : 1)]));
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

type Executed = {
  readonly command: ExplainedCommand;
  readonly postgres: Document | undefined;
  /** Undefined where PostgreSQL's rows are the documents. */
  readonly results: number | undefined;
};

function countsOf(explained: Explained, { command, postgres, results }: Executed): PlanCounts {
  const { stages, shape, isUpsert = false } = explained;
  const plan = postgres?.get('Plan');
  const rows = plan instanceof Map ? numberIn(plan, 'Actual Rows') : 0;
  const found = stages.length === 0 && results !== undefined ? results : rows;
  const { documents, keys, matched } = plan === undefined ? { documents: 0, keys: 0, matched: 0 } : examinedBy(plan);
  const isFilteredHere = explained.plan?.residual.filter !== undefined;
  const givesNone = command.kind === 'update' || command.kind === 'delete' || command.kind === 'count';
  return {
    returned: givesNone ? 0 : found,
    // Whom a filter here lets through is known of what is returned only.
    matched: isFilteredHere ? found + Number(shape.skip ?? 0n) : matched,
    documents,
    keys,
    millis: postgres === undefined ? 0 : Math.round(numberIn(postgres, 'Execution Time')),
    ofTop: countsOfTop(command, { found, isUpsert }),
  };
}

function countsOfTop(command: ExplainedCommand, { found, isUpsert }: { readonly found: number; readonly isUpsert: boolean }): PlanCounts['ofTop'] {
  switch (command.kind) {
    case 'count':
      return [['nCounted', int32(found)], ['nSkipped', int32(Number(command.query.skip ?? 0n))]];
    case 'update':
      return [['nMatched', int32(found)], ['nWouldUpsert', int32(isUpsert && found === 0 ? 1 : 0)]];
    case 'delete':
      return [['nWouldDelete', int32(found)]];
    case 'findAndModify':
      return command.request.remove ? [['nWouldDelete', int32(found)]] : [['nMatched', int32(found)], ['nWouldUpsert', int32(isUpsert && found === 0 ? 1 : 0)]];
    default:
      return [];
  }
}

function executionStatsOf({ returned, documents, keys, millis }: PlanCounts, executionStages: Document, { withAllPlans }: { readonly withAllPlans: boolean }): Document {
  const stats: Document = new Map<string, Value>([
    ['executionSuccess', true], ['nReturned', int32(returned)], ['executionTimeMillis', int32(millis)], ['totalKeysExamined', int32(keys)], ['totalDocsExamined', int32(documents)],
    ['executionStages', executionStages],
  ]);
  return withAllPlans ? stats.set('allPlansExecution', []) : stats;
}

/** How many rows of tables and entries of indexes PostgreSQL has looked at, and how many of the rows were let through. */
function examinedBy(node: Value): { documents: number; keys: number; matched: number } {
  const sum = { documents: 0, keys: 0, matched: 0 };
  if (!(node instanceof Map)) return sum;
  const loops = numberIn(node, 'Actual Loops');
  const rows = numberIn(node, 'Actual Rows') * loops;
  if (node.has('Relation Name')) {
    sum.matched += rows;
    sum.documents += rows + (numberIn(node, 'Rows Removed by Filter') + numberIn(node, 'Rows Removed by Index Recheck')) * loops;
  }
  if (isOwnIndexScan(node)) sum.keys += rows;
  const children = node.get('Plans');
  for (const child of Array.isArray(children) ? children : []) {
    const { documents, keys, matched } = examinedBy(child);
    sum.documents += documents;
    sum.keys += keys;
    sum.matched += matched;
  }
  return { documents: Math.round(sum.documents), keys: Math.round(sum.keys), matched: Math.round(sum.matched) };
}

function numberIn(document: Document, name: string): number {
  const value = document.get(name);
  return isNumeric(value) ? toDouble(value) : 0;
}
