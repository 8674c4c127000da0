// The field `collation`: one that says something else than a comparison by bytes is refused, but first it has to be one.
// Source: MongoDB 7.0, `Collation` in src/mongo/db/basic_types.idl, collator_factory_icu.cpp.

import { DocumentError, shellText } from '../../facets/documents/index.ts';
import type { Value } from '../../values/bson/types.ts';
import { bool, longWithin, object, oneOf, optional, ownedObject, plainBool, readFields, required, text, unsupported } from './fields.ts';

const collationFields = {
  locale: required(text), caseLevel: optional(bool), caseFirst: optional(oneOf('upper', 'lower', 'off')), strength: optional(longWithin({ atLeast: 0n, atMost: 5n })),
  numericOrdering: optional(bool), alternate: optional(oneOf('non-ignorable', 'shifted')), maxVariable: optional(oneOf('punct', 'space')),
  normalization: optional(bool), backwards: optional(plainBool), version: optional(text),
} as const;

/** Whether it is the comparison by bytes, which is the only one. Throws DocumentError. */
function isSimple(value: Value, path: string): boolean {
  const collation = object(value, path);
  if (collation.size === 0) return true;
  const { locale } = readFields(collation, collationFields, { path: 'collation' });
  if (locale !== 'simple') return false;
  if (collation.size > 1) throw new DocumentError('FailedToParse', `If locale=simple, no other fields should be present in: ${shellText(collation)}`);
  return true;
}

const reason = 'strings are compared by their bytes only ({locale: "simple"})';

export const collation = unsupported(reason, isSimple, object);
/** find reads it in another way. */
export const collationOfFind = unsupported(reason, isSimple, ownedObject);
