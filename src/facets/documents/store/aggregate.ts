// aggregate: the first stages become the query over the collection, the others run here over its documents.

import { Int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { intOrLong } from '../expressions/coercions.ts';
import type { Filter } from '../filters/filter.ts';
import type { Accumulation } from '../pipelines/accumulators/accumulator.ts';
import { newStageContext, notFirst, parsePipeline } from '../pipelines/parse-pipeline.ts';
import { batchesOf } from '../pipelines/batches.ts';
import { groupedRows } from '../tables/grouped-rows.ts';
import type { Grouping } from '../planner/plan-group.ts';
import { planTableGroup } from '../tables/plan-table-group.ts';
import type { Table } from '../tables/table.ts';
import { DocumentMetadata, readsMetadata } from '../pipelines/document-metadata.ts';
import { optimizePipeline } from '../pipelines/optimize-pipeline.ts';
import { runPipeline } from '../pipelines/run-pipeline.ts';
import type { Batches, CollectionName, LookupStage, Pipeline, PipelineEnvironment, Stage } from '../pipelines/stage.ts';
import { withSortKeys } from '../pipelines/stages/sort.ts';
import { batchSource, documentsOf } from './batch-source.ts';
import { type CollectionInfo, viewOf } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { openCollection } from './open-collection.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { type CommandScope, newCommandScope } from './command-scope.ts';
import { newCollectionWriter } from './collection-writer.ts';
import { SourceCursor } from './document-cursor.ts';
import { countCollection } from './find.ts';
import { groupedDocuments, leadingGrouping, planGrouping } from './grouped-documents.ts';
import { checkHint } from './hints.ts';
import { type PlannedJoin, joinedDocuments, planJoinedDocuments } from './joined-documents.ts';
import { keyReader } from './index-keys.ts';
import { findCollection } from './lookup.ts';
import { assertDatabase, assertUsable } from './names.ts';
import type { AggregateQuery, DocumentCursor, Operation } from './operations.ts';
import { bufferOf } from './rows.ts';
import { newPipelineStatistics } from './pipeline-statistics.ts';
import { FileSpill } from './spill.ts';
import type { StoreContext } from './store-context.ts';
import { deepestView } from './view-definition.ts';

/** What a pipeline begins with that a query over the collection answers, and the stages after it. */
export type SplitPipeline = { readonly query: CollectionQuery; readonly rest: Pipeline };

export async function aggregate(context: StoreContext, operation: Operation, query: AggregateQuery): Promise<DocumentCursor> {
  assertDatabase(query.database);
  if (query.collection !== undefined) assertUsable({ database: query.database, collection: query.collection });
  const scope = newCommandScope(query.let);
  const pipeline = parseAggregate(query, scope, operation);
  const environment = environmentOf(context, operation, { scope, query });
  const last = pipeline.at(-1);
  if (last?.name === '$merge') await environment.writer.prepareMerge(last.target, last.rules.on);
  if (query.collection === undefined) return cursorOf(runPipeline(pipeline, noDocuments(), environment));
  const target = { database: query.database, collection: query.collection };
  if (isOfViews(pipeline)) return cursorOf(runPipeline(pipeline, noDocuments(), environment));
  const { info, stages } = await resolveViews(context, operation, { target, pipeline, scope });
  if (stages[0] !== undefined && isSource(stages[0])) return cursorOf(runPipeline(stages, noDocuments(), environment));
  if (info !== undefined) checkHint(info, query.hint);
  const { query: leading, rest } = splitPipeline(stages);
  if (rest.length === 0 && info !== undefined) return new SourceCursor(openCollection(context, { operation, info, query: leading, scope, allowDiskUse: query.allowDiskUse }));
  const opened = info === undefined ? noDocuments() : leadingDocuments(context, operation, { info, query: leading, hint: query.hint, scope, environment, allowDiskUse: query.allowDiskUse });
  if (environment.metadata !== undefined) return cursorOf(runPipeline(rest, opened, environment));
  const counted = info === undefined ? undefined : await countedBy(context, operation, { info, query: leading, rest, scope });
  if (counted !== undefined) return cursorOf(runPipeline(rest.slice(1), batchOf(counted), environment));
  const grouped = info === undefined ? undefined : await groupedBy(context, operation, { info, query: leading, rest, scope }, environment);
  if (grouped !== undefined) return cursorOf(runPipeline(grouped.rest, batchesOf(grouped.documents), environment));
  const joined = info === undefined ? undefined : await joinedBy(context, operation, { info, query: leading, rest, scope }, environment);
  if (joined !== undefined) return cursorOf(runPipeline(rest.slice(1), joined, environment));
  return cursorOf(runPipeline(rest, opened, environment));
}

type Leading = { readonly info: CollectionInfo; readonly query: CollectionQuery; readonly hint: Value | undefined; readonly scope: Pick<CommandScope, 'scopeFor'>; readonly environment: PipelineEnvironment; readonly allowDiskUse: boolean | undefined };

/** The documents that the first stages find, with what is known of them beside their fields where the pipeline reads it. */
async function* leadingDocuments(context: StoreContext, operation: Operation, { info, query, hint, scope, environment, allowDiskUse }: Leading): Batches {
  const documents = documentsOf(openCollection(context, { operation, info, query, scope, allowDiskUse }));
  const { metadata } = environment;
  if (metadata === undefined) return yield* documents;
  const sort = query.sort && new Map(query.sort.map(({ path, descending }) => [path.join('.'), descending ? -1 : 1]));
  const indexKeyOf = keyReader(info, { hint, sort, filter: query.filter });
  for await (const batch of query.sort === undefined ? documents : withSortKeys(documents, query.sort, environment)) {
    if (indexKeyOf !== undefined) for (const document of batch) metadata.set(document, 'indexKey', indexKeyOf(document));
    yield batch;
  }
}

/** Parses a pipeline as `aggregate` has it. Throws DocumentError. */
export function parseAggregate({ database, collection, pipeline }: AggregateQuery, scope: CommandScope, operation: Operation): Pipeline {
  const inTransaction = operation.transaction !== undefined;
  return parsePipeline(pipeline, newStageContext({ database, collection, expressions: scope.context, inTransaction }));
}

type Resolving = { readonly target: CollectionName; readonly pipeline: Pipeline; readonly scope: CommandScope };

/** The collection behind views, with their stages in front of `pipeline`, in the order in which they are run. */
export async function resolveViews(context: StoreContext, operation: Operation, { target, pipeline, scope }: Resolving): Promise<{ readonly info: CollectionInfo | undefined; readonly stages: Pipeline }> {
  let name = target;
  let stages = pipeline;
  for (let depth = 0; depth <= deepestView; depth += 1) {
    const info = await findCollection(context, operation, name);
    if (info?.kind !== 'view') return { info, stages: optimizePipeline(stages) };
    const view = viewOf(info);
    name = { database: target.database, collection: view.viewOn };
    const own = parsePipeline(view.pipeline, newStageContext({ ...name, place: 'view', expressions: scope.context }));
    const [first] = stages;
    if (own.length > 0 && first !== undefined && isSource(first)) throw notFirst(first.name);
    stages = [...own, ...stages];
  }
  throw new DocumentError('ViewDepthLimitExceeded', `View depth too deep or view cycle detected; maximum depth is ${deepestView}`);
}

/** Whether a pipeline is about a view itself: `$collStats` tells its latencies, and refuses the rest. */
function isOfViews([first]: Pipeline): boolean {
  return first?.name === '$collStats';
}

/** Whether a stage brings its own documents. */
function isSource(stage: Stage): boolean {
  return ['$documents', '$collStats', '$indexStats', '$planCacheStats', '$currentOp', '$listSessions', '$listLocalSessions'].includes(stage.name);
}

/** The leading $match, $sort, $skip and $limit as one query, as far as their order allows. */
export function splitPipeline(stages: Pipeline): SplitPipeline {
  const filters: Filter[] = [];
  let query: Omit<CollectionQuery, 'filter'> = {};
  let at = 0;
  for (; at < stages.length; at += 1) {
    const stage = stages[at]!;
    if (stage.name === '$match' && query.skip === undefined && query.limit === undefined) filters.push(stage.filter);
    else if (stage.name === '$sort' && query.sort === undefined && query.skip === undefined && query.limit === undefined) query = { ...query, sort: stage.pattern };
    else if (stage.name === '$skip' && query.limit === undefined) query = { ...query, skip: (query.skip ?? 0n) + BigInt(stage.skip) };
    else if (stage.name === '$limit') query = { ...query, limit: least(query.limit, BigInt(stage.limit)) };
    else break;
  }
  return { query: { ...query, filter: filters.length === 1 ? filters[0]! : { operator: '$and', filters } }, rest: stages.slice(at) };
}

function least(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a < b ? a : b;
}

type Counting = { readonly info: CollectionInfo; readonly query: CollectionQuery; readonly rest: Pipeline; readonly scope: CommandScope };

/** The document of a `$count`, or of the `$group` by a constant with a `$sum` of 1 that drivers send, where PostgreSQL can count. */
async function countedBy(context: StoreContext, operation: Operation, { info, query, rest, scope }: Counting): Promise<Document | undefined> {
  const [stage] = rest;
  const make = stage === undefined ? undefined : countingStage(stage);
  if (make === undefined) return undefined;
  const { residual } = planCollectionQuery(info, { ...query, sort: undefined }, { columns: '1' });
  if (Object.keys(residual).length > 0) return undefined;
  return make(await countCollection(context, operation, { info, query, scope }));
}

/** The results of a `$group`, where PostgreSQL can tell what they are made of, and the stages after it. */
async function groupedBy(context: StoreContext, operation: Operation, { info, query, rest }: Counting, environment: PipelineEnvironment): Promise<{ readonly documents: Document[]; readonly rest: Pipeline } | undefined> {
  const leading = leadingGrouping(rest);
  if (leading === undefined) return undefined;
  const { grouping, stages } = leading;
  const documents = info.table === undefined ? await groupedCollection(context, operation, { info, query, grouping, environment }) : await groupedTable(context, operation, { table: info.table, query, grouping, environment });
  return documents && { documents, rest: rest.slice(stages) };
}

type GroupingOf<Source> = Source & { readonly query: CollectionQuery; readonly grouping: Grouping; readonly environment: PipelineEnvironment };

async function groupedTable(context: StoreContext, operation: Operation, { table, query, grouping: { unwinding, group: stage }, environment }: GroupingOf<{ readonly table: Table }>): Promise<Document[] | undefined> {
  const plan = unwinding === undefined ? planTableGroup(table, stage, query) : undefined;
  return plan === undefined ? undefined : await groupedRows(context, operation, { plan, stage, environment });
}

async function groupedCollection(context: StoreContext, operation: Operation, { info, query, grouping, environment }: GroupingOf<{ readonly info: CollectionInfo }>): Promise<Document[] | undefined> {
  const planned = planGrouping(info, grouping, query);
  return planned === undefined ? undefined : await groupedDocuments(context, operation, { planned, stage: grouping.group, environment });
}

/** The results of a `$lookup`, where PostgreSQL can join. */
async function joinedBy(context: StoreContext, operation: Operation, { info, query, rest: [stage] }: Counting, environment: PipelineEnvironment): Promise<Batches | undefined> {
  if (stage?.name !== '$lookup') return undefined;
  const planned = await plannedJoin(context, operation, { info, query, stage });
  return planned && joinedDocuments(context, operation, { planned, stage, environment });
}

/** How a `$lookup` over a query is joined by PostgreSQL; undefined where it is not. */
export async function plannedJoin(context: StoreContext, operation: Operation, { info, query, stage }: { readonly info: CollectionInfo; readonly query: CollectionQuery; readonly stage: LookupStage }): Promise<PlannedJoin | undefined> {
  if (stage.from === undefined || stage.fields === undefined) return undefined;
  const foreign = await findCollection(context, operation, stage.from);
  return foreign && planJoinedDocuments({ local: info, foreign, query, stage });
}

function countingStage(stage: Stage): ((count: bigint) => Document | undefined) | undefined {
  if (stage.name === '$count') return (count) => (count === 0n ? new Map() : new Map([[stage.field, intOrLong(count)]]));
  if (stage.name !== '$group' || stage.id.constant === undefined) return undefined;
  const [accumulation] = stage.accumulations;
  if (stage.accumulations.length !== 1 || accumulation === undefined || !countsDocuments(accumulation)) return undefined;
  const id = stage.id.constant.value ?? null;
  return (count) => (count === 0n ? new Map() : new Map<string, Value>([['_id', id], [accumulation.field, intOrLong(count)]]));
}

/** `{$sum: 1}` and `{$count: {}}`. */
function countsDocuments({ operator, argument }: Accumulation): boolean {
  const one = argument?.constant?.value;
  return operator === '$count' || (operator === '$sum' && one instanceof Int32 && one.value === 1);
}

function cursorOf(batches: Batches): DocumentCursor {
  return new SourceCursor(batchSource(batches, resultOf));
}

/** `BSONObjMaxInternalSize`: between stages documents may be larger, in a reply they may not. */
const mostResultBytes = 16 * 1_024 * 1_024 + 16 * 1_024;

/** Throws DocumentError: BSONObjectTooLarge. */
function resultOf(document: Document): Buffer {
  const bytes = bufferOf(document);
  if (bytes.length <= mostResultBytes) return bytes;
  throw new DocumentError('BSONObjectTooLarge', `BSONObj size: ${bytes.length} (0x${bytes.length.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${mostResultBytes}(16MB)`);
}

async function* noDocuments(): Batches {}

async function* batchOf(document: Document): Batches {
  if (document.size > 0) yield [document];
}

type EnvironmentOptions = { readonly scope: CommandScope; readonly query: AggregateQuery };

function environmentOf(context: StoreContext, operation: Operation, { scope, query }: EnvironmentOptions): PipelineEnvironment {
  const { listings, allowDiskUse = true } = query;
  const read = async function* (source: CollectionName, pipeline: Pipeline, environment: PipelineEnvironment): Batches {
    if (isOfViews(pipeline)) return yield* runPipeline(pipeline, noDocuments(), environment);
    const { info, stages } = await resolveViews(context, operation, { target: source, pipeline, scope });
    const { query: leading, rest } = splitPipeline(stages);
    const documents = info === undefined ? noDocuments() : leadingDocuments(context, operation, { info, query: leading, hint: undefined, scope: environment, environment, allowDiskUse });
    yield* runPipeline(rest, documents, environment);
  };
  const metadata = readsMetadata([...query.pipeline]) ? new DocumentMetadata() : undefined;
  return {
    scopeFor: metadata?.scopes(scope.scopeFor) ?? scope.scopeFor,
    ...(metadata && { metadata }),
    now: scope.now,
    ...(allowDiskUse ? { newSpill: () => new FileSpill() } : {}),
    ...(operation.signal === undefined ? {} : { signal: operation.signal }),
    readCollection: read,
    writer: newCollectionWriter(context, operation),
    statistics: newPipelineStatistics(context, operation, listings),
  };
}

