// What an update may be: a replacement, operators, or a pipeline.

import { DocumentError } from '../../facets/documents/index.ts';
import type { Value } from '../../values/bson/types.ts';
import { type Read, arrayOf, object, takingNull } from './fields.ts';

/** Throws DocumentError: FailedToParse; TypeMismatch for a stage that is no document. */
export const updateModification: Read<Value> = takingNull((value, path) => {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return arrayOf(object)(value, path);
  throw new DocumentError('FailedToParse', 'Update argument must be either an object or an array');
});
