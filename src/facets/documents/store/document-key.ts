// The key of a document's row: its `_id`, order-preserving.

import { createHash } from 'node:crypto';
import { orderKeyOf } from '../../../values/bson/order-key.ts';
import { RegularExpression, BsonUndefined, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';

/** A B-tree entry holds about 2,700 bytes. */
const longestKey = 1_024;

/** The row's key. Of a long `_id` it is the beginning and a hash: equal for equal ids only, and in order by the beginning. */
export function documentKeyOf(id: Value): Buffer {
  const key = orderKeyOf(id);
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (bytes.length <= longestKey) return bytes;
  return Buffer.concat([bytes.subarray(0, longestKey), createHash('sha256').update(bytes).digest()]);
}

/** Throws DocumentError: InvalidIdField, DollarPrefixedFieldName. */
export function assertStorableId(id: Value): void {
  const type = Array.isArray(id) ? 'array' : id instanceof RegularExpression ? 'regex' : id instanceof BsonUndefined ? 'undefined' : undefined;
  if (type !== undefined) throw new DocumentError('InvalidIdField', `The '_id' value cannot be of type ${type}`);
  if (id instanceof Map) assertNoDollarFields(id);
}

/** Names that begin with `$` are those of a DBRef only, which stand first: `$ref`, `$id` and perhaps `$db`. */
function assertNoDollarFields(value: Value): void {
  if (Array.isArray(value)) value.forEach(assertNoDollarFields);
  if (!(value instanceof Map)) return;
  const names = [...value.keys()];
  const isReference = names[0] === '$ref' && names[1] === '$id' && typeof value.get('$ref') === 'string';
  const hasDatabase = isReference && names[2] === '$db' && typeof value.get('$db') === 'string';
  const wrong = names.slice(hasDatabase ? 3 : isReference ? 2 : 0).find((name) => name.startsWith('$'));
  if (wrong !== undefined) throw new DocumentError('DollarPrefixedFieldName', `_id fields may not contain '$'-prefixed fields: ${wrong} is not valid for storage.`);
  for (const field of value.values()) assertNoDollarFields(field);
}
