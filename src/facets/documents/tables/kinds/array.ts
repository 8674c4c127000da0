// Arrays as arrays, of several dimensions as arrays of arrays.

import type { Value } from '../../../../values/bson/types.ts';
import type { ColumnKind } from '../column-kind.ts';
import { mismatch } from '../refusals.ts';
import type { Column } from '../column-kind.ts';

export function arrayOf(element: ColumnKind, elementType: string): ColumnKind {
  return {
    name: `array of ${element.name}`,
    holdsOthers: true,
    ranks: new Set(),
    json: (sql, column) => jsonOfArray({ sql, column, element }),
    write: (value, column) => {
      if (!Array.isArray(value)) throw mismatch(column, value, 'arrays');
      return literalOf(value, { ...column, kind: element, typeName: elementType });
    },
    compare: () => undefined,
    order: undefined,
  };
}

/** An array may have two dimensions whatever its column says, and `unnest` would flatten it. */
function jsonOfArray({ sql, column, element }: { readonly sql: string; readonly column: Column; readonly element: ColumnKind }): string {
  const elements = (array: string): string => `(select coalesce(json_agg(case when e is null then null else ${element.json('e', column)} end order by n), '[]') from unnest(${array}) with ordinality as u (e, n))`;
  const rows = `(select coalesce(json_agg(${elements(`(select array_agg(x order by m) from unnest((${sql})[i:i]) with ordinality as v (x, m))`)} order by i), '[]') from generate_subscripts(${sql}, 1) as i)`;
  return `case when ${sql} is null then null when array_ndims(${sql}) = 2 then ${rows} when coalesce(array_ndims(${sql}), 1) > 2 then to_json(${sql}) else ${elements(sql)} end`;
}

/** As PostgreSQL writes arrays: `{1,NULL,"a\"b"}`. */
function literalOf(values: readonly Value[], column: Column): string {
  const elements = values.map((value) => {
    if (value === null) return 'NULL';
    if (Array.isArray(value) && !column.kind.holdsOthers) return literalOf(value, column);
    return `"${column.kind.write(value, column).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${elements.join(',')}}`;
}
