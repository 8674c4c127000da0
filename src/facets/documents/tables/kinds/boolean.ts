// boolean as bool.

import { typeRanks } from '../../../../values/bson/compare.ts';
import type { ColumnKind } from '../column-kind.ts';
import { mismatch } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';

export const boolean: ColumnKind = {
  name: 'boolean',
  holdsOthers: false,
  ranks: new Set([typeRanks.boolean]),
  json: (sql) => `to_json(${sql})`,
  write: (value, column) => {
    if (typeof value !== 'boolean') throw mismatch(column, value, 'booleans');
    return String(value);
  },
  compare: ({ operator, value, column, parameters }) => ({ sql: `${column.sql} ${sqlOperators[operator]} ${parameters.bind('bool', value)}`, isExact: true }),
  order: ({ sql }) => [sql],
  group: ({ sql }) => sql,
};
