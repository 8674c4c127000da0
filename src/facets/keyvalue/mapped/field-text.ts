// A document's value as the text of a hash's field: what a person would write, and Extended JSON for what has no text.

import { decimalToString } from '../../../values/bson/decimal.ts';
import { toExtendedJson } from '../../../values/bson/extended-json.ts';
import { DateTime, Decimal128, Int32, ObjectId, type Value } from '../../../values/bson/types.ts';

export function fieldText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value instanceof Int32) return String(value.value);
      if (value instanceof ObjectId) return Buffer.from(value.bytes).toString('hex');
      if (value instanceof Decimal128) return decimalToString(value);
      if (value instanceof DateTime) return dateText(value);
      return toExtendedJson(value);
  }
}

/** ISO 8601; milliseconds for what a Date cannot hold. */
function dateText({ ms }: DateTime): string {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
