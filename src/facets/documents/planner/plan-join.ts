// A $lookup by equal fields as a join in SQL: of each row of the local query, the foreign documents whose field has its key. It is
// exact for what most joins are by (texts, whole numbers, object ids, dates, booleans); of other local values, and of arrays, the
// key is null, and the gateway joins those documents itself.

import type { CollectionInfo } from '../store/catalog.ts';
import { tableOf } from '../store/names.ts';
import { documentColumns } from '../store/rows.ts';
import { usableIndexes } from '../store/usable-indexes.ts';
import { matchAll } from '../filters/filter.ts';
import { allKeys, fence, hasArray, isSqlPath, leastKey } from './sql-keys.ts';

export type JoinPlan = {
  /** What the local query has to select. */
  readonly columns: string;
  /** The statement over the local query: its document's two columns, whether its key is not known, and two arrays of the foreign documents' columns. */
  readonly over: (query: string) => string;
};

type Joining = {
  readonly foreign: CollectionInfo;
  readonly fields: { readonly local: readonly string[]; readonly foreign: readonly string[] };
  /** A condition on foreign documents. */
  readonly where: string | undefined;
};

const mostExact = 2 ** 53;

/** Undefined where no index finds the foreign documents: then one reading for many local documents is better than one for each. */
export function planJoin({ foreign, fields, where }: Joining): JoinPlan | undefined {
  if (!isSqlPath(fields.local)) return undefined;
  const rows = foreignRows({ foreign, fields, where });
  if (rows === undefined) return undefined;
  const key = `case when ${hasArray(fields.local)} then null else ${leastKey(fields.local)} end`;
  const found = `select array_agg(found.bson order by found.place) as bytes, array_agg(case when found.bson is null then found.doc::text end order by found.place) as texts from (${rows}) as found`;
  return {
    columns: 'doc, bson',
    over: (query) =>
      `select ${documentColumns('local')}, local.key is null, joined.bytes, joined.texts from (select doc, bson, ${exactKey('key')} as key, ${fence} from (select doc, bson, ${key} as key, ${fence} from (${query}) as local) as local) as local left join lateral (${found}) as joined on true`,
  };
}

/** Null for a key that values share which are not equal, or that equal values do not share: NaN, null, fractions, long texts, documents. */
function exactKey(key: string): string {
  // In keys U+0001 begins an escape, and U+FDD0 does in stored texts: of such texts the key is not the value.
  const isPlain = `length(${key} ->> 1) <= 160 and strpos(${key} ->> 1, U&'\\FDD0') = 0 and strpos(${key} ->> 1, U&'\\0001') = 0`;
  const number = `(${key} -> 1)::numeric`;
  return `case ${key} ->> 0 when '15' then case when ${isPlain} then ${key} end when '35' then ${key} when '40' then ${key} when '45' then ${key}
    when '10' then case when jsonb_typeof(${key} -> 1) = 'number' then case when trunc(${number}) = ${number} and abs(${number}) < ${mostExact} then ${key} end end end`.replace(/\n\s+/, ' ');
}

/** The row's key of the `_id` that has a key: made of the key, as other values may share it (a symbol and a text). */
function idOf(key: string): string {
  const id = `case ${key} ->> 0 when '35' then jsonb_build_object('$oid', ${key} -> 1) when '45' then jsonb_build_object('$date', jsonb_build_object('$numberLong', ${key} ->> 1)) else ${key} -> 1 end`;
  return `case when ${key} is not null then facetdb.document_key(${id}) end`;
}

function foreignRows({ foreign, fields, where }: Joining): string | undefined {
  const path = fields.foreign;
  // Equal keys stand in the order of insertion.
  const place = foreign.hasPositions ? 'position' : 'ctid';
  const rows = (condition: string): string => `select doc, bson, ${place} as place from ${tableOf(foreign.target)} where ${condition}${where === undefined ? '' : ` and ${where}`}`;
  if (path.length === 1 && path[0] === '_id') return rows(`id = ${idOf('local.key')}`);
  const isIndexed = isSqlPath(path) && usableIndexes(foreign, matchAll).some(({ kind, parts: [first], condition }) => kind !== 'wildcard' && condition === undefined && first?.path.join('.') === path.join('.'));
  if (!isIndexed) return undefined;
  return `(${rows(`${leastKey(path)} = local.key and not ${hasArray(path)}`)}) union all (${rows(`${hasArray(path)} and ${allKeys(path)} @> array[local.key]`)})`;
}
