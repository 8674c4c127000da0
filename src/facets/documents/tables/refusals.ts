// Values that a column cannot hold.

import { type Value, typeNameOf } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { Column } from './column-kind.ts';

/** TypeMismatch: another type than the column's. */
export function mismatch(column: Column, value: Value, expected: string): DocumentError {
  const advice = column.path[0] === '_id' && typeNameOf(value) === 'objectId' ? "; drivers add an ObjectId where a document has no _id: give it one that fits, or let the column's default make it (forceServerObjectId: true)" : '';
  return new DocumentError('TypeMismatch', `'${column.path.join('.')}' is the column "${column.name}" of type ${column.typeName}, which holds ${expected}, and not a value of type ${typeNameOf(value)}${advice}`);
}

/** BadValue: of the column's type, and too much for it. */
export function unfit(column: Column, value: Value, why: string): DocumentError {
  return new DocumentError('BadValue', `'${column.path.join('.')}' is the column "${column.name}" of type ${column.typeName}, which cannot hold ${shellText(value)}: ${why}`);
}
