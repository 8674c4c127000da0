// PostgreSQL's plan and what is left to be done here, as the tree of stages in which MongoDB's explain tells a plan, and what each
// of them did where the plan was executed. Source: MongoDB 7.0's manual, "Explain Results", and plan_explainer_impl.cpp.

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { CollectionInfo } from './catalog.ts';
import { type Condition, type MultikeyPaths, walkedKeys } from './explained-index.ts';
import { boundsOf } from './index-bounds.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { relationsOf } from './index-relations.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { schemaOf } from './names.ts';

/** What a command does with the documents that it finds, as stages above the access to them. */
export type PlanShape = {
  /** As it is shown: of the filter. */
  readonly parsedQuery: Document;
  /** The same, one by one. */
  readonly conditions: readonly Condition[];
  readonly sort?: Document | undefined;
  readonly skip?: bigint | undefined;
  readonly limit?: bigint | undefined;
  readonly projection?: Document | undefined;
  /** The stage at the top: `COUNT`, `UPDATE`, `DELETE`. */
  readonly top?: string | undefined;
};

/** What executing the plan has found. */
export type PlanCounts = {
  /** Documents that it gave; those that the filter lets through. */
  readonly returned: number;
  readonly matched: number;
  /** Rows of tables, and entries of indexes, that were looked at. */
  readonly documents: number;
  readonly keys: number;
  readonly millis: number;
  /** Of the stage at the top. */
  readonly ofTop: readonly Field[];
};

type Field = readonly [name: string, value: Value];

const sortMemoryBytes = 104_857_600;
/** Of the order of insertion, in which MongoDB scans a collection. */
const positionIndex = '$position.';

type Found = { readonly info: CollectionInfo; readonly postgres: Document; readonly isSortedHere: boolean; readonly multikeyPaths: MultikeyPaths };

/** `found` is undefined where there is no such collection, `counts` where the plan was not executed. */
export function winningPlanOf(found: Found | undefined, shape: PlanShape, counts?: PlanCounts): Document {
  let plan = found === undefined ? stage('EOF', { returned: counts && 0, counts }) : accessOf(found, shape, counts);
  const { sort, skip, limit, projection, top } = shape;
  const isSorted = found !== undefined && sort !== undefined && sort.size > 0 && !sort.has('$natural') && (found.isSortedHere || sorts(found.postgres));
  let returned = counts?.matched;
  const cut = (most: bigint | undefined): void => {
    if (returned !== undefined && most) returned = Math.min(returned, Number(most));
  };
  const add = (name: string, fields: readonly Field[]): void => {
    plan = stage(name, { returned, counts, fields, input: plan });
  };
  if (isSorted) {
    const limitAmount = limit ? limit + (skip ?? 0n) : undefined;
    cut(limitAmount);
    add('SORT', [['sortPattern', sort], ['memLimit', int32(sortMemoryBytes)], ...(limitAmount === undefined ? [] : [['limitAmount', limitAmount] as const]), ['type', 'simple']]);
  }
  if (skip) {
    if (returned !== undefined) returned = Math.max(0, returned - Number(skip));
    add('SKIP', [['skipAmount', skip]]);
  }
  if (projection !== undefined && projection.size > 0) add(isSimple(projection) ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT', [['transformBy', projection]]);
  if (limit && !isSorted) {
    cut(limit);
    add('LIMIT', [['limitAmount', limit]]);
  }
  if (top !== undefined) {
    returned = counts?.returned;
    add(top, counts?.ofTop ?? []);
  }
  return plan;
}

type StageParts = { readonly returned: number | undefined; readonly counts: PlanCounts | undefined; readonly fields?: readonly Field[]; readonly input?: Document };

function stage(name: string, { returned, counts, fields = [], input }: StageParts): Document {
  const executed: readonly Field[] = counts === undefined ? [] : [['nReturned', int32(returned ?? 0)], ['executionTimeMillisEstimate', int32(counts.millis)]];
  return new Map<string, Value>([['stage', name], ...executed, ...fields, ...(input === undefined ? [] : [['inputStage', input] as const])]);
}

/** Whether fields are only shown or left out. */
function isSimple(projection: Document): boolean {
  return [...projection].every(([name, value]) => !name.includes('.') && !(value instanceof Map) && typeof value !== 'string');
}

function accessOf({ info, postgres, multikeyPaths }: Found, { parsedQuery, conditions }: PlanShape, counts: PlanCounts | undefined): Document {
  const returned = counts?.matched;
  const keysExamined: readonly Field[] = counts === undefined ? [] : [['keysExamined', int32(counts.keys)]];
  const docsExamined: readonly Field[] = counts === undefined ? [] : [['docsExamined', int32(counts.documents)]];
  // Such a query is done by the key whatever PostgreSQL would do with the statement (single-operations.ts).
  if (info.table === undefined && isEqualityOnId(parsedQuery)) return stage('IDHACK', { returned, counts, fields: [...keysExamined, ...docsExamined] });
  const scans = [...indexScans(postgres)];
  const [first] = scans;
  if (first === undefined) return stage('COLLSCAN', { returned, counts, fields: [...filterOf(conditions), ['direction', 'forward'], ...docsExamined] });
  const scan: IndexScan = { info, multikeyPaths, counts };
  const alternatives = alternativesOf(info, conditions, scans);
  const { plan, rest } = alternatives === undefined ? indexScanOf(scan, first, conditions) : { plan: orOf(alternatives.map(([node, branch]) => indexScanOf(scan, node, [branch]).plan), counts), rest: conditions };
  return stage('FETCH', { returned, counts, fields: [...filterOf(rest), ...docsExamined], input: plan });
}

type IndexScan = { readonly info: CollectionInfo; readonly multikeyPaths: MultikeyPaths; readonly counts: PlanCounts | undefined };

/** `rest`: the conditions that the bounds do not answer. */
function indexScanOf({ info, multikeyPaths, counts }: IndexScan, node: Document, conditions: readonly Condition[]): { readonly plan: Document; readonly rest: readonly Condition[] } {
  const relation = indexNameOf(node) ?? '';
  const specification = specificationOf(info, relation);
  const key = specification.get('key');
  const isBackward = node.get('Scan Direction') === 'Backward';
  const { keyPattern, multikeyPaths: arrays, indexBounds, rest } = walkedKeys({ key: key instanceof Map ? key : new Map(), conditions, multikeyPaths, isBackward });
  const isMade = (option: string): boolean => specification.get(option) === true;
  const plan = stage('IXSCAN', { returned: counts?.keys, counts, fields: [
    ['keyPattern', keyPattern], ['indexName', specification.get('name') ?? relation], ['isMultiKey', [...arrays.values()].some((paths) => paths.length > 0)],
    ['multiKeyPaths', new Map([...arrays].map(([name, paths]) => [name, [...paths]]))], ['isUnique', isMade('unique') || specification.get('name') === '_id_'], ['isSparse', isMade('sparse')],
    ['isPartial', specification.has('partialFilterExpression')], ['indexVersion', int32(2)], ['direction', isBackward ? 'backward' : 'forward'], ['indexBounds', indexBounds],
    ...(counts === undefined ? [] : [['keysExamined', int32(counts.keys)] as const]),
  ] });
  return { plan, rest };
}

/** Of an `$or` that several scans answer: the scan of each of its branches. */
function alternativesOf(info: CollectionInfo, conditions: readonly Condition[], scans: readonly Document[]): (readonly [Document, Condition])[] | undefined {
  const [only, ...others] = conditions;
  const shown = only?.shown.get('$or');
  if (only?.filter.operator !== '$or' || others.length > 0 || !Array.isArray(shown)) return undefined;
  const assigned = only.filter.filters.flatMap((filter, index): (readonly [Document, Condition])[] => {
    const branch = shown[index];
    const scan = scans.find((node) => boundsOf(filter, leadingPathOf(info, node)) !== undefined);
    return scan === undefined || !(branch instanceof Map) ? [] : [[scan, { shown: branch, filter }]];
  });
  const isOverOne = new Set(assigned.map(([scan]) => indexNameOf(scan))).size < 2;
  return assigned.length < shown.length || isOverOne ? undefined : assigned;
}

function leadingPathOf(info: CollectionInfo, node: Document): string[] {
  const key = specificationOf(info, indexNameOf(node) ?? '').get('key');
  const [first = ''] = key instanceof Map ? key.keys() : [];
  return first.split('.');
}

function orOf(inputs: readonly Document[], counts: PlanCounts | undefined): Document {
  return stage('OR', { returned: counts?.matched, counts }).set('inputStages', [...inputs]);
}

function filterOf(conditions: readonly Condition[]): readonly Field[] {
  const [first, ...others] = conditions.map(({ shown }) => shown);
  return first === undefined ? [] : [['filter', others.length === 0 ? first : new Map([['$and', [first, ...others]]])]];
}

/** The keys of the indexes that PostgreSQL walks. */
export function walkedKeysOf(info: CollectionInfo, postgres: Document): Document[] {
  return [...indexScans(postgres)].flatMap((scan) => {
    const key = specificationOf(info, indexNameOf(scan) ?? '').get('key');
    return key instanceof Map ? [key] : [];
  });
}

/** The index that a relation of PostgreSQL's belongs to; the last of all is its own, on the table's key. */
function specificationOf(info: CollectionInfo, relation: string): Document {
  const name = `${schemaOf(info.target.database)}.${quoteIdentifier(relation)}`;
  const index = info.table === undefined ? info.indexes.find((candidate) => relationsOf(info.target, candidate).indexes.includes(name)) : info.indexes.find((candidate) => candidate.relation === relation);
  return index?.specification ?? indexSpecificationsOf(info)[0] ?? new Map();
}

function isEqualityOnId(parsedQuery: Document): boolean {
  const condition = parsedQuery.get('_id');
  return parsedQuery.size === 1 && condition instanceof Map && condition.has('$eq');
}

/** Whether a node of PostgreSQL's plan reads an index that MongoDB's users know of. */
export function isOwnIndexScan(node: Document): boolean {
  return indexNameOf(node) !== undefined;
}

function indexNameOf(node: Document): string | undefined {
  const name = node.get('Index Name');
  return typeof name === 'string' && !name.startsWith(positionIndex) ? name : undefined;
}

function* indexScans(value: Value): Generator<Document> {
  if (Array.isArray(value)) for (const element of value) yield* indexScans(element);
  if (!(value instanceof Map)) return;
  if (isOwnIndexScan(value)) yield value;
  for (const child of value.values()) yield* indexScans(child);
}

/** Whether PostgreSQL sorts; where it only orders the equal keys of an index (an incremental sort), the order is the index's. */
function sorts(plan: Value): boolean {
  if (Array.isArray(plan)) return plan.some(sorts);
  return plan instanceof Map && (plan.get('Node Type') === 'Sort' || [...plan.values()].some(sorts));
}
