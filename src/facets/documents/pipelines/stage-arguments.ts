// The arguments of stages whose specification MongoDB reads by a strict schema: unknown fields, missing fields and
// wrong types are refused with the same codes for all of them.

import { typeNameOf } from '../../../values/bson/types.ts';
import type { Document, TypeName, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';

export type ArgumentRule = {
  /** Absent: any type, null included. With types, null and undefined count as absent. */
  readonly types?: readonly TypeName[];
  readonly required?: true;
};

/**
 * The fields of `specification` that are given, checked against `rules`.
 * Throws DocumentError: 40415 unknown field, 40414 missing field, TypeMismatch.
 */
export function readArguments(stage: string, specification: Document, rules: Readonly<Record<string, ArgumentRule>>): Document {
  const given: Document = new Map();
  for (const [name, value] of specification) {
    if (!Object.hasOwn(rules, name)) throw new DocumentError('IDLUnknownField', `BSON field '${stage}.${name}' is an unknown field.`);
    const { types } = rules[name]!;
    if (types && isAbsent(value)) continue;
    if (types) assertType(`${stage}.${name}`, value, types);
    given.set(name, value);
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required && !given.has(name)) throw new DocumentError('IDLFailedToParse', `BSON field '${stage}.${name}' is missing but a required field`);
  }
  return given;
}

function isAbsent(value: Value): boolean {
  return value === null || (typeof value === 'object' && typeNameOf(value) === 'undefined');
}

/** Throws DocumentError: TypeMismatch. */
function assertType(field: string, value: Value, types: readonly TypeName[]): void {
  const type = typeNameOf(value);
  if (types.includes(type)) return;
  const expected = types.length === 1 ? `type '${types[0]}'` : `types '[${types.join(', ')}]'`;
  throw new DocumentError('TypeMismatch', `BSON field '${field}' is the wrong type '${type}', expected ${expected}`);
}

/** An array of which each element is a string. Throws DocumentError: TypeMismatch. */
export function assertStrings(field: string, values: readonly Value[]): asserts values is string[] {
  for (const [index, value] of values.entries()) assertType(`${field}.${index}`, value, ['string']);
}
