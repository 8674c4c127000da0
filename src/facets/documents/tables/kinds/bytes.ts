// bytea as binary of subtype 0, uuid as binary of subtype 4.

import { typeRanks } from '../../../../values/bson/compare.ts';
import { Binary, type Value } from '../../../../values/bson/types.ts';
import { type ColumnKind, never } from '../column-kind.ts';
import { mismatch } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';

const [generic, uuidSubtype, uuidBytes] = [0, 4, 16];

function hexOf({ bytes }: Binary): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function json(bytes: string, subtype: string): string {
  return `('{"$binary":{"base64":"' || translate(encode(${bytes}, 'base64'), E'\\n', '') || '","subType":"${subtype}"}}')::json`;
}

export const bytea: ColumnKind = {
  name: 'bytea',
  holdsOthers: false,
  ranks: new Set([typeRanks.binary]),
  json: (sql) => json(sql, '00'),
  write: (value, column) => {
    if (!(value instanceof Binary) || value.subtype !== generic) throw mismatch(column, value, 'binary data of subtype 0');
    return `\\x${hexOf(value)}`;
  },
  // MongoDB looks at the length and the subtype first: of order only equality can be told.
  compare: ({ operator, value, column, parameters }) => {
    if (operator !== '$eq' || !(value instanceof Binary)) return undefined;
    return value.subtype === generic ? { sql: `${column.sql} = ${parameters.bind('bytea', value.bytes)}`, isExact: true } : never;
  },
  order: ({ sql }) => [`length(${sql})`, sql],
  group: ({ sql }) => sql,
};

function isUuid(value: Value): value is Binary {
  return value instanceof Binary && value.subtype === uuidSubtype && value.bytes.length === uuidBytes;
}

export const uuid: ColumnKind = {
  name: 'uuid',
  holdsOthers: false,
  ranks: new Set([typeRanks.binary]),
  json: (sql) => json(`uuid_send(${sql})`, '04'),
  write: (value, column) => {
    if (!isUuid(value)) throw mismatch(column, value, 'UUIDs (binary data of subtype 4)');
    return hexOf(value);
  },
  compare: ({ operator, value, column, parameters }) => {
    if (!isUuid(value)) return operator === '$eq' ? never : undefined;
    return { sql: `${column.sql} ${sqlOperators[operator]} ${parameters.bind('text', hexOf(value))}::uuid`, isExact: true };
  },
  among: (values, { column, parameters }) => ({
    condition: { sql: `${column.sql} = any(${parameters.bind('text[]', values.filter(isUuid).map(hexOf))}::uuid[])`, isExact: true },
    rest: [],
  }),
  order: ({ sql }) => [sql],
  group: ({ sql }) => sql,
};
