// json and jsonb: the value that the JSON is, read as stored documents are (Extended JSON where plain JSON has no type).

import { jsonOf } from '../../../../values/bson/json-values.ts';
import type { ColumnKind } from '../column-kind.ts';

export const json: ColumnKind = {
  name: 'json',
  holdsOthers: true,
  ranks: new Set(),
  json: (sql) => `${sql}::json`,
  write: (value) => jsonOf(value, 'stored'),
  compare: () => undefined,
  order: undefined,
};
