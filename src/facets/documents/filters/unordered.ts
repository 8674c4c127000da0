// JSON schema compares documents whatever the order of their fields.

import type { Value } from '../../../values/bson/types.ts';

/** The value with the fields of its documents sorted: two are equal in this form if only the order was different. */
export function unorderedForm(value: Value): Value {
  if (Array.isArray(value)) return value.map(unorderedForm);
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([name, field]): [string, Value] => [name, unorderedForm(field)]).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
