// The documents that a sparse or a partial index holds. Source: MongoDB 7.0, _checkValidFilterExpressions in
// src/mongo/db/catalog/index_catalog_impl.cpp.

import { quoteLiteral } from '../../../engine/quoting.ts';
import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { Filter } from '../filters/filter.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { hasArray, sqlPath } from '../planner/sql-keys.ts';
import type { IndexKey } from './index-key.ts';
import { SqlParameters } from './statements.ts';

const allowed: ReadonlySet<Filter['operator']> = new Set<Filter['operator']>(['$and', '$or', '$in', '$eq', '$lt', '$lte', '$gt', '$gte', '$exists', '$type']);

/** MongoDB's parameter internalPartialFilterExpressionMaxDepth. */
const mostLevels = 4;

/** Throws DocumentError: QueryFeatureNotAllowed, and those of filters. */
export function parsePartialFilter(document: Document): Filter {
  return parseFilter(document, newParseContext(), 'fields');
}

/** Throws DocumentError: CannotCreateIndex for a filter that no partial index may have. */
export function assertPartialFilter(document: Document): void {
  assertAllowed(parsePartialFilter(document), document, 1);
}

function assertAllowed(filter: Filter, document: Document, level: number): void {
  if (level > mostLevels) throw new DocumentError('CannotCreateIndex', `partialFilterExpression depth may not exceed ${mostLevels}`);
  if (!allowed.has(filter.operator)) throw new DocumentError('CannotCreateIndex', `Expression not supported in partial index: ${shellText(document)}`);
  if (filter.operator === '$and' || filter.operator === '$or') for (const inner of filter.filters) assertAllowed(inner, document, level + 1);
}

type ConditionalIndex = Pick<IndexKey, 'parts'> & { readonly isSparse: boolean; readonly isUnique: boolean; readonly partialFilter: Document | undefined };

/**
 * The documents that an index holds, as SQL; undefined for all. One that is not unique may hold more than it is asked for:
 * what it finds is looked at once more. Throws DocumentError where a unique one's cannot be told exactly.
 */
export function conditionOf({ parts, isSparse, isUnique, partialFilter }: ConditionalIndex): string | undefined {
  if (isSparse && parts.length > 0) return parts.map(({ path }) => `(${hasArray(path)} or doc #> ${sqlPath(path)} is not null)`).join(' or ');
  if (partialFilter === undefined) return undefined;
  const parameters = new SqlParameters();
  const { sql, isExact } = planFilter(parsePartialFilter(partialFilter), parameters, { isByteOrdered: true, arrayRanges: isUnique ? 'function' : 'all' });
  if (!isExact && isUnique) throw new DocumentError('CommandNotSupported', `a unique index with the partialFilterExpression ${shellText(partialFilter)} is not supported: PostgreSQL cannot tell exactly which documents it holds`);
  return sql?.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(parameters, Number(number) - 1));
}

function literalOf({ types, values }: SqlParameters, index: number): string {
  const [type, value] = [types[index] ?? '', values[index]];
  if (Array.isArray(value)) return `array[${value.map(scalarOf).join(', ')}]::${type}`;
  return `${scalarOf(value)}::${type}`;
}

function scalarOf(value: unknown): string {
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'string') return quoteLiteral(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new DocumentError('CommandNotSupported', 'this partialFilterExpression is not supported: PostgreSQL cannot write it down');
}
