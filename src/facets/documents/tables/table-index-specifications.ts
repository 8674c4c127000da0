// A table's indexes as MongoDB describes indexes: those on plain columns.

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { IndexInfo } from '../store/index-info.ts';
import type { Table } from './table.ts';
import type { Column } from './column-kind.ts';

/** All but that of the primary key. */
export function tableIndexSpecifications({ indexes, columns }: Table): IndexInfo[] {
  return indexes
    .filter(({ isPlain, isPrimary }) => isPlain && !isPrimary)
    .map(({ relation, columns: keys, isUnique }): IndexInfo => {
      const key: Document = new Map(keys.map(({ name, isDescending }) => [fieldOf(columns, name), int32(isDescending ? -1 : 1)]));
      const specification: Document = new Map<string, Value>([['v', int32(2)], ['key', key], ['name', relation]]);
      return { name: relation, relation, specification: isUnique ? specification.set('unique', true) : specification };
    });
}

/** The path at which documents have a column. */
export function fieldOf(columns: readonly Column[], name: string): string {
  return columns.find((column) => column.name === name)?.path.join('.') ?? name;
}
