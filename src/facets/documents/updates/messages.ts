// How MongoDB's messages about updates name fields and documents.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { shellText } from '../expressions/shell-text.ts';

/** A field with its value: `a: { b: 1 }`. */
export function elementText(name: string, value: Maybe): string {
  return `${name}: ${shellText(value)}`;
}

/** A document's identity, `_id: 1`, or `otherwise` where it has none. */
export function idText(document: Document, otherwise = 'INVALID-MUTABLE-ELEMENT'): string {
  const id: Value | undefined = document.get('_id');
  return id === undefined ? otherwise : elementText('_id', id);
}
