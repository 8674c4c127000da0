// Tables as PostgreSQL's catalog describes them: columns, primary key, indexes.

import { quoteIdentifier } from '../../../engine/quoting.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { tableOf } from '../store/names.ts';
import { kindOfType } from './column-kinds.ts';
import { arrayOf } from './kinds/array.ts';
import { isBounded } from './kinds/numeric.ts';
import type { Table, TableIndex } from './table.ts';
import type { Column } from './column-kind.ts';

/** Of `pg_class c`, as JSON: what `tableFrom` reads. */
export const tableColumns = `
  (select json_agg(json_build_object('name', a.attname, 'type', b.typname, 'isArray', b.typcategory = 'A', 'element', e.typname, 'elementType', format_type(b.typelem, null),
            'typeName', format_type(a.atttypid, a.atttypmod), 'castType', format_type(a.atttypid, -1), 'modifier', d.modifier, 'isNotNull', a.attnotnull,
            'isReadOnly', a.attgenerated <> '' or a.attidentity = 'a', 'hasDefault', a.atthasdef or a.attidentity <> '',
            'isDefaultCollation', l.collname = 'default', 'isByteCollation', l.collcollate in ('C', 'POSIX') or l.collname in ('C', 'POSIX'), 'isDeterministic', coalesce(l.collisdeterministic, true)) order by a.attnum)
     from pg_attribute a
     cross join lateral (
       with recursive domains as (
         select a.atttypid as type, a.atttypmod as modifier, 0 as depth
         union all
         select t.typbasetype, t.typtypmod, depth + 1 from domains join pg_type t on t.oid = domains.type where t.typtype = 'd')
       select type, modifier from domains order by depth desc limit 1) d
     join pg_type b on b.oid = d.type left join pg_type e on e.oid = b.typelem left join pg_collation l on l.oid = a.attcollation
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text`;

/** Likewise. */
export const tableIndexes = `
  (select json_agg(json_build_object('relation', i.relname, 'isUnique', x.indisunique, 'isPrimary', x.indisprimary,
            'isPlain', x.indexprs is null and x.indpred is null and m.amname = 'btree', 'columns',
            (select coalesce(json_agg(json_build_object('name', a.attname, 'isDescending', x.indoption[k.n - 1] & 1 = 1) order by k.n), '[]')
               from unnest(x.indkey) with ordinality as k (attnum, n) join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= x.indnkeyatts)) order by i.oid)
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam where x.indrelid = c.oid and x.indisvalid)::text`;

type ColumnRow = {
  readonly name: string; readonly type: string; readonly isArray: boolean; readonly element: string | null; readonly elementType: string; readonly typeName: string;
  readonly castType: string; readonly modifier: number; readonly isNotNull: boolean; readonly isReadOnly: boolean; readonly hasDefault: boolean;
  readonly isDefaultCollation: boolean | null; readonly isByteCollation: boolean | null; readonly isDeterministic: boolean;
};

type TableRow = { readonly target: CollectionName; readonly relationKind: string; readonly columns: string | null; readonly indexes: string | null; readonly isByteOrdered: boolean };

export function tableFrom({ target, relationKind, columns: columnJson, indexes: indexJson, isByteOrdered }: TableRow): Table {
  const indexes = indexJson === null ? [] : (JSON.parse(indexJson) as TableIndex[]);
  const rows = columnJson === null ? [] : (JSON.parse(columnJson) as ColumnRow[]);
  const keyNames = indexes.find(({ isPrimary }) => isPrimary)?.columns.map(({ name }) => name) ?? [];
  const isView = relationKind === 'v' || relationKind === 'm';
  // Rows of a foreign table have neither a key nor a place.
  const isRead = isView || relationKind === 'f';
  const columnOf = (row: ColumnRow): Column => newColumn(row, pathOf(row.name, keyNames), isByteOrdered);
  const key = keyNames.map((name) => columnOf(rows.find((row) => row.name === name)!));
  const others = rows.filter(({ name }) => !keyNames.includes(name)).map(columnOf);
  const hasOwnId = others.some(({ name }) => name === '_id');
  return {
    source: tableOf(target),
    // A view has no key; a column that it calls `_id` is its `_id`.
    columns: [...key, ...others].sort((a, b) => Number(b.path[0] === '_id') - Number(a.path[0] === '_id')),
    key, indexes,
    readOnly: isRead ? 'view' : undefined,
    hasPlaces: relationKind === 'r' || relationKind === 'p',
    ...(hasOwnId && !isView ? { conflict: `${target.database}.${target.collection} is a table with a column "_id" that is not its primary key, so that its rows have no place for the key: rename the column` } : {}),
  };
}

function pathOf(name: string, keyNames: readonly string[]): string[] {
  if (!keyNames.includes(name)) return [name];
  return keyNames.length === 1 ? ['_id'] : ['_id', name];
}

function newColumn(row: ColumnRow, path: readonly string[], isByteOrdered: boolean): Column {
  const { name, type, isArray, element, elementType, typeName, castType, isNotNull, isReadOnly, hasDefault, isDeterministic } = row;
  const precision = precisionOf(type, row.modifier);
  const kind = isArray && element !== null ? arrayOf(kindOfType(element, false), elementType) : kindOfType(type, isBounded({ precision }));
  return {
    name, path, kind, typeName, castType, precision, isNotNull, isReadOnly, hasDefault, isDeterministic,
    sql: `t.${quoteIdentifier(name)}`,
    isByteOrdered: row.isByteCollation === true || (row.isDefaultCollation === true && isByteOrdered),
  };
}

/** What `numeric(p, s)` is stored as: p in the upper half, s as a number of 11 bits with a sign. */
function precisionOf(type: string, modifier: number): Column['precision'] {
  if (type !== 'numeric' || modifier < 4) return undefined;
  const scale = (((modifier - 4) & 0x7ff) ^ 1_024) - 1_024;
  return { digits: ((modifier - 4) >>> 16) & 0xffff, scale };
}
