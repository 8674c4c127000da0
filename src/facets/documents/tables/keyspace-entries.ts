// The keys of Redis clients as a collection that is read: `entries` of the database keyspace0 … keyspace15, over the views
// that the store of keys has for SQL, so that the rights on those decide. What is no UTF-8, or holds U+0000, is binary.

import { quoteIdentifier } from '../../../engine/quoting.ts';
import { typeRanks } from '../../../values/bson/compare.ts';
import { Binary } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { tableOf } from '../store/names.ts';
import { type ColumnKind, never } from './column-kind.ts';
import { text } from './kinds/texts.ts';
import { timestamptz } from './kinds/times.ts';
import type { Table } from './table.ts';
import type { Column } from './column-kind.ts';

/** The only collection of such a database. */
export const keyspaceCollection = 'entries';

/** A text, or the bytes that have none. */
function textOrBytes(textSql: string, bytesSql: string): string {
  const binary = `('{"$binary":{"base64":"' || translate(encode(${bytesSql}, 'base64'), E'\\n', '') || '","subType":"00"}}')::json`;
  return `case when ${textSql} is null then ${binary} else to_json(replace(${textSql}, U&'\\FDD0', U&'\\FDD0\\FDD0')) end`;
}

function refuseToWrite(): never {
  throw new DocumentError('CommandNotSupportedOnView', 'keys are written by Redis clients and by the functions for SQL');
}

const keyKind: ColumnKind = {
  name: 'key',
  holdsOthers: false,
  ranks: new Set([typeRanks.string, typeRanks.binary]),
  json: () => textOrBytes('t.key', 't.key_bytes'),
  write: refuseToWrite,
  compare: ({ operator, value, parameters }) => {
    if (operator !== '$eq') return undefined;
    if (typeof value === 'string') return value.includes('\0') ? never : { sql: `t.id = facetdb.key_identity(${parameters.bind('text', value)})`, isExact: true };
    // Bytes that are a text are that text.
    return value instanceof Binary ? { sql: `t.id = facetdb.key_identity(${parameters.bind('bytea', value.bytes)})`, isExact: false } : undefined;
  },
  among: (values, { parameters }) => {
    const texts = values.filter((value) => typeof value === 'string' && !value.includes('\0'));
    return { condition: { sql: `t.id = any(array(select facetdb.key_identity(wanted) from unnest(${parameters.bind('text[]', texts)}) as wanted))`, isExact: true }, rest: values.filter((value) => typeof value !== 'string') };
  },
  order: () => [`(t.key is null)`, `t.key collate "C"`, `length(t.key_bytes)`, `t.key_bytes`],
};

/** The value of each kind of key. */
function valueJson(database: string): string {
  const rows = (view: string, value: string): string => `(select ${value} from ${quoteIdentifier(database)}.${view} as e where e.id = t.id)`;
  // A field that begins with $ must not be taken for Extended JSON; one that is no text goes by its hexadecimal digits.
  const field = `case when e.field like '$%' then U&'\\FDD0' || e.field else coalesce(replace(e.field, U&'\\FDD0', U&'\\FDD0\\FDD0'), encode(e.field_bytes, 'hex')) end`;
  const member = textOrBytes('e.member', 'e.member_bytes');
  return `case t.type
    when 'string' then ${textOrBytes('t.value', 't.value_bytes')}
    when 'hash' then ${rows('hashes', `json_object_agg(${field}, ${textOrBytes('e.value', 'e.value_bytes')} order by e.number)`)}
    when 'list' then ${rows('lists', `json_agg(${textOrBytes('e.value', 'e.value_bytes')} order by e.index)`)}
    when 'set' then ${rows('sets', `json_agg(${member} order by e.member_bytes)`)}
    when 'zset' then ${rows('sorted_sets', `json_agg(json_build_object('member', ${member}, 'score', json_build_object('$numberDouble', e.score::text)) order by e.rank)`)}
    end`;
}

function columnOf(name: string, { sql, kind, typeName = 'text' }: { readonly sql: string; readonly kind: ColumnKind; readonly typeName?: string }): Column {
  return { name, path: [name], sql, kind, typeName, castType: typeName, isNotNull: false, isReadOnly: true, hasDefault: false, isByteOrdered: false, isDeterministic: true };
}

export function keyspaceEntries(target: CollectionName): Table {
  const value: ColumnKind = { name: 'value', holdsOthers: true, ranks: new Set(), json: () => valueJson(target.database), write: refuseToWrite, compare: () => undefined, order: undefined };
  return {
    source: tableOf(target),
    columns: [
      { ...columnOf('_id', { sql: 't.id', kind: keyKind }), isNotNull: true },
      columnOf('type', { sql: 't.type', kind: text }),
      columnOf('value', { sql: 't.value', kind: value }),
      columnOf('expiresAt', { sql: 't.expires_at', kind: timestamptz, typeName: 'timestamptz' }),
    ],
    key: [], indexes: [], readOnly: 'keyspace', hasPlaces: false,
  };
}
