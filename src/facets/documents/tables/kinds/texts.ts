// Texts as strings: text and varchar, and by their text char, name, citext, enums, and every type that has no row of its own.

import { typeRanks } from '../../../../values/bson/compare.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { type ColumnKind, type Comparison, type Condition, never } from '../column-kind.ts';
import { mismatch, unfit } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';
import type { Column } from '../column-kind.ts';

/** U+FDD0 begins an escape in stored JSON (values/bson/json-escape.ts). */
const escaped = (text: string): string => `replace(${text}, U&'\\FDD0', U&'\\FDD0\\FDD0')`;

function write(value: Value, column: Column): string {
  if (typeof value !== 'string') throw mismatch(column, value, 'strings');
  if (value.includes('\0')) throw unfit(column, value, 'PostgreSQL has no U+0000');
  return value;
}

/** Of a type whose values are texts already (`isText`), or have one. */
function kindOf(name: string, isText: boolean): ColumnKind {
  const textOf = (sql: string): string => (isText ? sql : `(${sql})::text`);
  const inBytes = (column: Column): string => (isText && column.isByteOrdered ? column.sql : `${textOf(column.sql)} collate "C"`);
  const isPlain = (column: Column): boolean => isText && column.isDeterministic;
  const equal = (column: Column): string => (isPlain(column) ? column.sql : `${textOf(column.sql)} collate "C"`);
  const compare = ({ operator, value, column, parameters }: Comparison): Condition | undefined => {
    if (typeof value !== 'string') return undefined;
    if (value.includes('\0')) return operator === '$eq' ? never : undefined;
    const side = operator === '$eq' ? equal(column) : inBytes(column);
    return { sql: `${side} ${sqlOperators[operator]} ${parameters.bind('text', value)}`, isExact: true };
  };
  return {
    name,
    holdsOthers: false,
    ranks: new Set([typeRanks.string]),
    json: (sql) => `to_json(${escaped(textOf(sql))})`,
    write,
    compare,
    among: (values, { column, parameters }) => {
      const isTold = (value: Value): boolean => typeof value === 'string' && !value.includes('\0');
      return { condition: { sql: `${equal(column)} = any(${parameters.bind('text[]', values.filter(isTold))})`, isExact: true }, rest: values.filter((value) => typeof value !== 'string') };
    },
    order: (column) => [inBytes(column)],
    group: equal,
    extreme: inBytes,
  };
}

export const text = kindOf('text', true);
export const textual = kindOf('textual', false);
