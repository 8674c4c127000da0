// The types that `$type` and `$jsonSchema` name.

import { isNumeric, typeNumbers, type TypeName, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import { parseInt32 } from './numbers.ts';

const numericTypes: readonly TypeName[] = ['double', 'int', 'long', 'decimal'];

/** The names of `$type` and `bsonType`. */
export const bsonAliases: ReadonlyMap<string, readonly TypeName[]> = new Map<string, readonly TypeName[]>([
  ...(Object.keys(typeNumbers) as TypeName[]).map((name): [string, readonly TypeName[]] => [name, [name]]),
  ['number', numericTypes],
]);

/** The names of JSON schema's `type`. */
export const jsonAliases: ReadonlyMap<string, readonly TypeName[]> = new Map<string, readonly TypeName[]>([
  ['array', ['array']], ['boolean', ['bool']], ['null', ['null']], ['object', ['object']], ['string', ['string']], ['number', numericTypes],
]);

const namesByNumber = new Map<number, TypeName>((Object.entries(typeNumbers) as [TypeName, number][]).map(([name, number]) => [number, name]));

/** Throws DocumentError: BadValue. */
export function typesOfAlias(alias: string, aliases: ReadonlyMap<string, readonly TypeName[]>): readonly TypeName[] {
  const types = aliases.get(alias);
  if (!types) throw new DocumentError('BadValue', `Unknown type name alias: ${alias}`);
  return types;
}

/**
 * The operand of `$type`: a name, a number, or an array of them.
 * Throws DocumentError: BadValue, TypeMismatch, FailedToParse.
 */
export function parseTypes(path: string, operand: Value): ReadonlySet<TypeName> {
  const types = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(parseType));
  if (types.size === 0) throw new DocumentError('FailedToParse', `${path} must match at least one type`);
  return types;
}

function parseType(value: Value): readonly TypeName[] {
  if (typeof value === 'string') return typesOfAlias(value, bsonAliases);
  if (!isNumeric(value)) throw new DocumentError('TypeMismatch', 'type must be represented as a number or a string');
  const number = typeNumber(value);
  if (number === 0) throw new DocumentError('BadValue', 'Invalid numerical type code: 0. Instead use {$exists:false}.');
  const name = number === undefined ? undefined : namesByNumber.get(number);
  if (!name) throw new DocumentError('BadValue', `Invalid numerical type code: ${shellText(value).replace(/\.0$/, '')}`);
  return [name];
}

function typeNumber(value: Value): number | undefined {
  try {
    return parseInt32('type', value);
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}
