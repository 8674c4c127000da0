// PostgreSQL's plan and what is left to be done here, as the tree of stages in which MongoDB's explain tells a plan. Bounds of indexes
// are PostgreSQL's affair, and stand in its own plan. Source: MongoDB 7.0's manual, "Explain Results".

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { CollectionInfo } from './catalog.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { relationsOf } from './index-relations.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { schemaOf } from './names.ts';

/** What a command does with the documents that it finds, as stages above the access to them. */
export type PlanShape = {
  /** As it is shown: of the filter. */
  readonly parsedQuery: Document;
  readonly sort?: Document | undefined;
  readonly skip?: bigint | undefined;
  readonly limit?: bigint | undefined;
  readonly projection?: Document | undefined;
  /** The stage at the top: `COUNT`, `UPDATE`, `DELETE`. */
  readonly top?: string | undefined;
};

const sortMemoryBytes = 104_857_600;
/** Of the order of insertion, in which MongoDB scans a collection. */
const positionIndex = '$position.';

type Found = { readonly info: CollectionInfo; readonly postgres: Document; readonly isSortedHere: boolean };

/** `found` is undefined where there is no such collection. */
export function winningPlanOf(found: Found | undefined, shape: PlanShape): Document {
  let plan = found === undefined ? stage('EOF') : accessOf(found, shape.parsedQuery);
  const { sort, skip, limit, projection, top } = shape;
  const isSorted = found !== undefined && sort !== undefined && sort.size > 0 && !sort.has('$natural') && (found.isSortedHere || sorts(found.postgres));
  if (isSorted) plan = stage('SORT', [['sortPattern', sort], ['memLimit', int32(sortMemoryBytes)], ...(limit ? [['limitAmount', limit + (skip ?? 0n)] as const] : []), ['type', 'simple']], plan);
  if (skip) plan = stage('SKIP', [['skipAmount', skip]], plan);
  if (projection !== undefined && projection.size > 0) plan = stage(isSimple(projection) ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT', [['transformBy', projection]], plan);
  if (limit && !isSorted) plan = stage('LIMIT', [['limitAmount', limit]], plan);
  return top === undefined ? plan : stage(top, [], plan);
}

function stage(name: string, fields: readonly (readonly [string, Value])[] = [], input?: Document): Document {
  return new Map<string, Value>([['stage', name], ...fields, ...(input === undefined ? [] : [['inputStage', input] as const])]);
}

/** Whether fields are only shown or left out. */
function isSimple(projection: Document): boolean {
  return [...projection].every(([name, value]) => !name.includes('.') && !(value instanceof Map) && typeof value !== 'string');
}

function accessOf({ info, postgres }: Found, parsedQuery: Document): Document {
  const filter: readonly (readonly [string, Value])[] = parsedQuery.size === 0 ? [] : [['filter', parsedQuery]];
  // Such a query is done by the key whatever PostgreSQL would do with the statement (single-operations.ts).
  if (info.table === undefined && isEqualityOnId(parsedQuery)) return stage('IDHACK');
  const [scan] = indexScans(postgres);
  if (scan === undefined) return stage('COLLSCAN', [...filter, ['direction', 'forward']]);
  const relation = indexNameOf(scan) ?? '';
  const specification = specificationOf(info, relation);
  const key = specification.get('key');
  const isMade = (option: string): boolean => specification.get(option) === true;
  const access = stage('IXSCAN', [
    ...(key === undefined ? [] : [['keyPattern', key] as const]), ['indexName', specification.get('name') ?? relation],
    ['isUnique', isMade('unique') || specification.get('name') === '_id_'], ['isSparse', isMade('sparse')], ['isPartial', specification.has('partialFilterExpression')], ['indexVersion', int32(2)],
    ['direction', scan.get('Scan Direction') === 'Backward' ? 'backward' : 'forward'],
  ]);
  return stage('FETCH', filter, access);
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
