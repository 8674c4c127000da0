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
  const { locale, backwards, strength, caseFirst, caseLevel } = readFields(collation, collationFields, { path: 'collation' });
  const refuse = (details: string): never => {
    throw new DocumentError('BadValue', `${details} in: ${shellText(collation)}`);
  };
  if (locale !== 'simple') {
    if (!isLocale(locale)) refuse("Field 'locale' is invalid");
    if (backwards === true && strength === 1n) refuse("'backwards' is invalid with 'strength' of 1");
    if ((caseFirst ?? 'off') !== 'off' && caseLevel !== true && (strength === 1n || strength === 2n)) refuse("'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2");
    return false;
  }
  if (collation.size > 1) throw new DocumentError('FailedToParse', `If locale=simple, no other fields should be present in: ${shellText(collation)}`);
  return true;
}

/** Of ICU, in its own notation: `de_AT@collation=phonebook`. */
function isLocale(name: string): boolean {
  const [language = ''] = name.split('@');
  if (!/^[A-Za-z]+(_[A-Za-z0-9]+)*$/.test(language)) return false;
  try {
    return Intl.Collator.supportedLocalesOf(language.replaceAll('_', '-')).length > 0;
  } catch {
    return false;
  }
}

const reason = 'strings are compared by their bytes only ({locale: "simple"})';

export const collation = unsupported(reason, isSimple, object);
/** find reads it in another way. */
export const collationOfFind = unsupported(reason, isSimple, ownedObject);
