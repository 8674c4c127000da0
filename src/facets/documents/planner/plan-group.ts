// A $group as SQL: its groups by the fields that its id is made of, and of each group what the results are made of here
// (store/grouped-documents.ts). PostgreSQL adds no doubles: how a sum is rounded depends on the order and the way of adding,
// so that their values come as one array a group, with the documents' places in the order of insertion. Of what is computed,
// PostgreSQL groups by the fields that it is computed from.

import { Int32 } from '../../../values/bson/types.ts';
import type { Accumulation } from '../pipelines/accumulators/accumulator.ts';
import type { GroupStage, UnwindStage } from '../pipelines/stage.ts';
import { documentColumns } from '../store/rows.ts';
import { isSumOfConstants, pathsOf, pathsReadBy } from './expression-paths.ts';
import { fence, isSqlPath, valueAt } from './sql-keys.ts';

/** What a field of the result is made of. */
export type GroupedField = { readonly field: string } & (
  | { readonly operator: '$sum' | '$avg' | '$min' | '$max'; /** Among `GroupPlan.arguments`. */ readonly argument: number }
  | { readonly operator: '$count'; /** Added once for each document. */ readonly addend: bigint; readonly isLong: boolean }
  | { readonly operator: 'keyed'; /** Computed of the keys, with how many documents have them. */ readonly accumulation: Accumulation; readonly kind: '$sum' | '$avg' | '$addToSet' }
  | { readonly operator: '$first' | '$last'; /** Computed of that document. */ readonly accumulation: Accumulation }
);

export type DocumentPlace = '$first' | '$last';

export type GroupPlan = {
  /** The fields that the id, and what is `keyed`, are made of. */
  readonly keys: readonly (readonly string[])[];
  readonly arguments: readonly (readonly string[])[];
  readonly fields: readonly GroupedField[];
  /** What is done with the document of the keys before it is grouped. */
  readonly unwinding?: UnwindStage;
  /** Behind all other columns stand the first and the last place. */
  readonly hasPlaces: boolean;
  /** Behind them stand the documents there. */
  readonly documentsAt: readonly DocumentPlace[];
  /** Columns over a collection's documents. */
  readonly columns: string;
  /** The whole statement over a query that selects `columns`; its columns are those of `firstColumns`, `keyColumns` and `argumentColumns`. */
  readonly over: (query: string) => string;
  /** As `over`, with `sumColumns` for each argument, where results are made of counts and sums only: quicker, but of fewer kinds of values. */
  readonly sumsOver?: (query: string) => string;
};

/** Of each group: how many documents, and how many of them keep SQL from telling the id. */
export const firstColumns = 2;
/** Of each argument. */
export const argumentColumns = ['scale', 'longs', 'longSum', 'leastLong', 'greatestLong', 'values', 'positions', 'others', 'least', 'greatest', 'leastScale', 'leastDate', 'greatestDate', 'incomparable'] as const;
export type ArgumentColumn = (typeof argumentColumns)[number];
/**
 * Of each argument in `sumsOver`: how many numbers, the most digits behind their points, and their sum in units of 2^-30 (a
 * whole number, and what is left of each beside it), which is exact in whatever order workers add; `greatest` is
 * `notAddable` where there is a value that the sum is not made of.
 */
export const sumColumns = ['numbers', 'scale', 'units', 'rests', 'greatest'] as const;
/** Beyond what an int of 32 bits or a double of that size has in units. */
export const notAddable = 4e18;
export const unitsInOne = 2 ** 30;
const mostMagnitude = 2 ** 31;

export type GroupedCollection = {
  /** As SQL. */
  readonly table: string;
  readonly hasPositions: boolean;
  /** The documents come in the order of their positions. */
  readonly isInOrder: boolean;
};

/** What is grouped: documents, or the elements of an array in them. */
export type Grouping = { readonly unwinding?: UnwindStage | undefined; readonly group: GroupStage };

/** Undefined where SQL cannot tell everything. */
export function planGroup({ unwinding, group: { id, accumulations } }: Grouping, collection: GroupedCollection): GroupPlan | undefined {
  const idPaths = pathsReadBy(id);
  if (idPaths === undefined) return undefined;
  const keys: (readonly string[])[] = [...idPaths, ...(unwinding === undefined ? [] : [unwinding.path])];
  const argumentPaths: (readonly string[])[] = [];
  const fields: GroupedField[] = [];
  for (const accumulation of accumulations) {
    const field = fieldOf(accumulation, argumentPaths) ?? (collection.hasPositions ? keyedField(accumulation) ?? documentField(accumulation) : undefined);
    if (field === undefined) return undefined;
    if (field.operator === 'keyed') keys.push(...pathsReadBy(accumulation.argument!)!);
    fields.push(field);
  }
  const has = (...operators: readonly GroupedField['operator'][]): boolean => fields.some(({ operator }) => operators.includes(operator));
  const documentsAt = (['$first', '$last'] as const).filter((place) => has(place));
  if (documentsAt.length > 0 && !(collection.isInOrder && unwinding === undefined)) return undefined;
  const distinctKeys = [...new Map(keys.map((path) => [path.join('.'), path])).values()];
  if (!distinctKeys.every(isSqlPath) || argumentPaths.some((path) => unwinding !== undefined && overlaps(path, unwinding))) return undefined;
  const parts: Parts = {
    keys: distinctKeys, argumentPaths, fields, hasPlaces: documentsAt.length > 0 || has('keyed'), documentsAt, table: collection.table,
    // jsonb has equal numbers of different types for the same, of which a group may have any name, but not be computed from any.
    keysAreTexts: unwinding !== undefined || has('keyed') || pathsOf(id) === undefined,
  };
  return {
    keys: distinctKeys, arguments: argumentPaths, fields, hasPlaces: parts.hasPlaces, documentsAt,
    ...(unwinding === undefined ? {} : { unwinding }),
    columns: columnsOf(parts, collection.hasPositions ? 'position' : 'null::int8'),
    over: (query) => statementOver(query, parts),
    ...(has('$min', '$max') ? {} : { sumsOver: (query: string) => sumsStatementOver(query, parts) }),
  };
}

/** Whether what is summed is, or holds, or lies in what unwinding puts into the document. */
function overlaps(path: readonly string[], { path: unwound, indexPath }: UnwindStage): boolean {
  return [unwound, indexPath].some((changed) => changed !== undefined && changed.slice(0, path.length).join('.') === path.slice(0, changed.length).join('.'));
}

function fieldOf({ field, operator, argument }: Accumulation, argumentPaths: (readonly string[])[]): GroupedField | undefined {
  const constant = argument?.constant?.value;
  if (operator === '$count') return { field, operator, addend: 1n, isLong: false };
  if (operator === '$sum' && constant instanceof Int32) return { field, operator: '$count', addend: BigInt(constant.value), isLong: false };
  if (operator === '$sum' && typeof constant === 'bigint') return { field, operator: '$count', addend: constant, isLong: true };
  if (operator !== '$sum' && operator !== '$avg' && operator !== '$min' && operator !== '$max') return undefined;
  const path = argument?.path;
  if (path === undefined || !isSqlPath(path)) return undefined;
  let at = argumentPaths.findIndex((known) => known.join('.') === path.join('.'));
  if (at < 0) at = argumentPaths.push(path) - 1;
  return { field, operator, argument: at };
}

/** What follows from the keys and from how many documents have them. */
function keyedField(accumulation: Accumulation): GroupedField | undefined {
  const { field, operator, argument } = accumulation;
  if (argument === undefined || pathsReadBy(argument) === undefined) return undefined;
  if (operator === '$addToSet') return { field, operator: 'keyed', accumulation, kind: operator };
  return (operator === '$sum' || operator === '$avg') && isSumOfConstants(argument) ? { field, operator: 'keyed', accumulation, kind: operator } : undefined;
}

function documentField(accumulation: Accumulation): GroupedField | undefined {
  const { field, operator } = accumulation;
  return operator === '$first' || operator === '$last' ? { field, operator, accumulation } : undefined;
}

function columnsOf({ keys, argumentPaths, hasPlaces, keysAreTexts }: Parts, position: string): string {
  if (isOnlyCounting({ keys, argumentPaths, hasPlaces })) return 'false as is_inexact';
  const arraysBefore = [...keys, ...argumentPaths].flatMap((path) => path.slice(1).map((_, index) => `jsonb_typeof(${valueAt(path.slice(0, index + 1))}) = 'array'`));
  return [
    ...keys.map((path, index) => `${keysAreTexts ? `(${valueAt(path)})::text` : valueAt(path)} as k${index}`),
    ...argumentPaths.map((path, index) => `${valueAt(path)} as v${index}`),
    `${arraysBefore.length === 0 ? 'false' : `coalesce(${[...new Set(arraysBefore)].join(' or ')}, false)`} as is_inexact`,
    `${position} as place`,
    fence,
  ].join(', ');
}

/** Nothing is computed of any document: then it is a plain `count(*)`, which PostgreSQL can spread over processes and take from an index alone. */
function isOnlyCounting({ keys, argumentPaths, hasPlaces }: Pick<Parts, 'keys' | 'argumentPaths' | 'hasPlaces'>): boolean {
  return keys.length === 0 && argumentPaths.length === 0 && !hasPlaces;
}

type Parts = Pick<GroupPlan, 'keys' | 'fields' | 'hasPlaces' | 'documentsAt'> & {
  readonly argumentPaths: GroupPlan['arguments'];
  readonly keysAreTexts: boolean;
  readonly table: string;
};

function statementOver(query: string, parts: Parts): string {
  const { keys, argumentPaths, fields } = parts;
  const keyNames = keys.map((_, index) => `k${index}`);
  const typed = argumentPaths.map((_, i) => `v${i}, case jsonb_typeof(v${i}) when 'number' then v${i}::numeric end as n${i}, case jsonb_typeof(v${i}) when 'object' then v${i} end as o${i}`);
  const source = argumentPaths.length === 0 ? query : `select ${[...keyNames, 'is_inexact', 'place', ...typed, fence].join(', ')} from (${query}) as documents`;
  const told = argumentPaths.flatMap((_, i) => {
    const isUsedBy = (...operators: readonly string[]): boolean => fields.some((field) => 'argument' in field && field.argument === i && operators.includes(field.operator));
    return [...longColumns(i), ...(isUsedBy('$sum', '$avg') ? valueColumns(i) : ['null::float8[]', 'null::int8[]', '0::int8']), ...(isUsedBy('$min', '$max') ? extremeColumns(i) : noExtremes)];
  });
  return grouped(source, told, parts);
}

const placeNames = { $first: 'first_place', $last: 'last_place' } as const satisfies Record<DocumentPlace, string>;

/** The groups of `source` with what is told of their arguments. */
function grouped(source: string, told: readonly string[], parts: Parts): string {
  const { table, hasPlaces, documentsAt } = parts;
  const keyNames = parts.keys.map((_, index) => `k${index}`);
  const selected = [
    'count(*)', isOnlyCounting(parts) ? '0::int8' : 'count(*) filter (where is_inexact)', ...keyNames.map((name) => `${name}::text`), ...told,
    ...(hasPlaces ? [`min(place) as ${placeNames.$first}`, `max(place) as ${placeNames.$last}`] : []),
  ];
  const groups = `select ${selected.join(', ')} from (${source}) as documents${keyNames.length === 0 ? '' : ` group by ${keyNames.join(', ')}`}`;
  if (documentsAt.length === 0) return groups;
  const joined = documentsAt.map((place) => `left join lateral (select ${documentColumns()} from ${table} where position = ${placeNames[place]} limit 1) as at_${placeNames[place]} on true`);
  return `select * from (${groups}) as groups ${joined.join(' ')}`;
}

function sumsStatementOver(query: string, parts: Parts): string {
  const { keys, argumentPaths, fields, hasPlaces } = parts;
  const keyNames = keys.map((_, index) => `k${index}`);
  const numbers = argumentPaths.map((_, i) => `case jsonb_typeof(v${i}) when 'number' then v${i}::numeric when 'object' then ${notAddable} end as n${i}`);
  const units = argumentPaths.map((_, i) => `n${i}, case when n${i} between -${mostMagnitude} and ${mostMagnitude} then n${i}::float8 * ${unitsInOne} when n${i} is not null then ${notAddable} end as f${i}`);
  const inside = [...keyNames, 'is_inexact', ...(hasPlaces ? ['place'] : [])];
  const numbered = `select ${[...inside, ...numbers, fence].join(', ')} from (${query}) as documents`;
  const source = argumentPaths.length === 0 ? query : `select ${[...inside, ...units, fence].join(', ')} from (${numbered}) as documents`;
  const told = argumentPaths.flatMap((_, i) => {
    const isSum = fields.some((field) => field.operator === '$sum' && field.argument === i);
    return [`count(f${i})`, isSum ? `coalesce(max(scale(n${i})), 0)::int8` : '0::int8', `sum(f${i}::int8)::text`, `sum(f${i} - f${i}::int8::float8)`, `max(f${i})`];
  });
  return grouped(source, told, parts);
}

function longColumns(i: number): string[] {
  const long = `(o${i} ->> '$numberLong')::int8`;
  return [`coalesce(max(scale(n${i})), 0)::int8`, `count(${long})`, `sum(${long})::text`, `min(${long})`, `max(${long})`];
}

function valueColumns(i: number): string[] {
  // Whole numbers beyond 32 bits, which only SQL writes so, are read as longs.
  return [`array_agg(n${i}::float8) filter (where n${i} is not null)`, `array_agg(place) filter (where n${i} is not null and place is not null)`, `count(*) filter (where o${i} ?| '{$numberDouble,$numberDecimal}'::text[] or (scale(n${i}) = 0 and abs(n${i}) > 2147483647))`];
}

function extremeColumns(i: number): string[] {
  const date = `(o${i} #>> '{$date,$numberLong}')::int8`;
  return [
    `min(n${i})::text`, `max(n${i})::text`, `min(scale(n${i}))::int8`, `min(${date})`, `max(${date})`,
    `count(*) filter (where jsonb_typeof(v${i}) in ('string', 'boolean', 'array') or (o${i} is not null and not o${i} ?| '{$numberLong,$date}'::text[]))`,
  ];
}

const noExtremes: readonly string[] = ['null::text', 'null::text', 'null::int8', 'null::int8', 'null::int8', '0::int8'];
