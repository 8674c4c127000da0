// What MongoDB refuses to store: too deep, too large, names that begin with `$` at the top, an `_id` of a bad type.

import { BsonUndefined, RegularExpression, typeNameOf } from '../../../values/bson/types.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { maxStoredDepth } from '../../../values/bson/bson-error.ts';
import { DocumentError } from '../errors.ts';
import { elementText } from './messages.ts';
import { sizeOfDocument } from './document-size.ts';

export const maxDocumentBytes = 16 * 1024 * 1024;
/** What a command may carry around a document. */
const maxInternalBytes = maxDocumentBytes + 16 * 1024;
const maxPadding = 1_500_000;

/** `level` is the value's own; a field of the document has level 1. Throws Overflow. */
export function assertDepth(value: Value, level: number): void {
  if (level > maxStoredDepth) throw new DocumentError('Overflow', `Document exceeds maximum nesting depth of ${maxStoredDepth}`);
  if (Array.isArray(value)) for (const item of value) assertDepth(item, level + 1);
  else if (value instanceof Map) for (const field of value.values()) assertDepth(field, level + 1);
}

/** Checks a field whose name begins with `$`: only the fields of a DBRef may, in their order. Throws DollarPrefixedFieldName, InvalidDBRef. */
export function assertDollarField(document: Document, field: string, prefix = ''): void {
  const names = [...document.keys()];
  let at = names.indexOf(field);
  const typeOf = (name: string): string => typeNameOf(document.get(name)!);
  const refuse = (text: string): never => {
    throw new DocumentError('InvalidDBRef', text);
  };
  if (names[at] === '$db') {
    if (typeOf('$db') !== 'string') refuse(`The DBRef $db field must be a String, not a ${typeOf('$db')}`);
    at -= 1;
    if (names[at] !== '$id') refuse('Found $db field without a $id before it, which is invalid.');
  }
  if (names[at] === '$id') {
    at -= 1;
    if (names[at] !== '$ref') refuse('Found $id field without a $ref before it, which is invalid.');
  }
  if (names[at] !== '$ref') {
    throw new DocumentError('DollarPrefixedFieldName', `The dollar ($) prefixed field '${field}' in '${prefix}${field}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`);
  }
  if (typeOf('$ref') !== 'string') refuse(`The DBRef $ref field must be a String, not a ${typeOf('$ref')}`);
  if (names[at + 1] !== '$id') refuse('The DBRef $ref field must be followed by a $id field');
}

/** Checks a whole document: its depth, its `_id` and, unless they are allowed, names that begin with `$` at the top. */
export function assertStorable(document: Document, { allowDollarFields }: { readonly allowDollarFields: boolean }): void {
  for (const [name, value] of document) {
    if (name === '_id') assertStorableId(value);
    else if (name.startsWith('$') && !allowDollarFields) assertDollarField(document, name);
    assertDepth(value, 1);
  }
}

/** Throws InvalidIdField, DollarPrefixedFieldName, InvalidDBRef. */
function assertStorableId(id: Value): void {
  if (Array.isArray(id) || id instanceof RegularExpression || id instanceof BsonUndefined) {
    throw new DocumentError('InvalidIdField', `The '_id' value cannot be of type ${typeNameOf(id)}`);
  }
  if (id instanceof Map) assertNoDollarFields(id, '_id.');
}

function assertNoDollarFields(document: Document, prefix: string): void {
  for (const [name, value] of document) {
    if (name.startsWith('$')) assertDollarField(document, name, prefix);
    assertNoDollarFieldsWithin(value, `${prefix}${name}.`);
  }
}

function assertNoDollarFieldsWithin(value: Value, prefix: string): void {
  if (value instanceof Map) assertNoDollarFields(value, prefix);
  else if (Array.isArray(value)) value.forEach((item, index) => assertNoDollarFieldsWithin(item, `${prefix}${index}.`));
}

/** Throws 17419 for the result of an update, 17420 for what an upsert inserts; BSONObjectTooLarge where it is not even BSON to MongoDB. */
export function assertSize(document: Document, reason: 'update' | 'upsert'): void {
  const size = sizeOfDocument(document);
  if (size <= maxDocumentBytes) return;
  if (size > maxInternalBytes) {
    const [first] = document;
    const text = `BSONObj size: ${size} (0x${size.toString(16).toUpperCase()}) is invalid. Size must be between 0 and ${maxInternalBytes}(16MB)`;
    throw new DocumentError('BSONObjectTooLarge', first ? `${text} First element: ${elementText(...first)}` : text);
  }
  if (reason === 'update') throw new DocumentError(17419, `Resulting document after update is larger than ${maxDocumentBytes}`);
  throw new DocumentError(17420, `Document to upsert is larger than ${maxDocumentBytes}`);
}

/** Throws CannotBackfillArray where writing at `index` would put too many nulls before it. */
export function assertPadding(length: number, index: number): void {
  if (index - length > maxPadding) throw new DocumentError('CannotBackfillArray', `can't backfill more than ${maxPadding} elements`);
}
