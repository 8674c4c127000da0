// Operators on whole fields: $set, $setOnInsert, $unset, $min, $max, $currentDate.

import { compareValues } from '../../../../values/bson/compare.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { typeNameOf } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isIdentical } from '../identical.ts';
import { removed, unchanged } from '../update.ts';
import type { LeafNode, Place, UpdateOperator, UpdateOperatorName } from '../update.ts';

function parseSet({ value }: { readonly value: Value }): LeafNode {
  return {
    kind: 'leaf',
    operator: '$set',
    change: (current) => (isIdentical(current, value) ? unchanged : value),
    create: () => value,
  };
}

function parseExtreme(operator: '$min' | '$max', value: Value): LeafNode {
  const sign = operator === '$min' ? 1 : -1;
  return {
    kind: 'leaf',
    operator,
    change: (current) => (sign * compareValues(current, value) > 0 ? value : unchanged),
    create: () => value,
  };
}

function parseCurrentDate({ value }: { readonly value: Value }): LeafNode {
  const give = isDateAsked(value) ? (place: Place): Value => place.now : (place: Place): Value => place.nextTimestamp();
  return { kind: 'leaf', operator: '$currentDate', change: (_current, place) => give(place), create: give };
}

/** Whether a date is asked for (true) or a timestamp. */
function isDateAsked(value: Value): boolean {
  if (typeof value === 'boolean') return true;
  if (!(value instanceof Map)) {
    throw new DocumentError('BadValue', `${typeNameOf(value)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`);
  }
  for (const option of value.keys()) {
    if (option !== '$type') throw new DocumentError('BadValue', `Unrecognized $currentDate option: ${option}`);
  }
  const type = value.get('$type');
  if (type !== 'date' && type !== 'timestamp') {
    throw new DocumentError('BadValue', "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}");
  }
  return type === 'date';
}

export const fieldOperators: readonly UpdateOperator[] = [
  { name: '$set', parse: parseSet },
  { name: '$setOnInsert', parse: (argument) => ({ ...parseSet(argument), operator: '$setOnInsert' satisfies UpdateOperatorName, onlyOnInsert: true }) },
  { name: '$unset', parse: () => ({ kind: 'leaf', operator: '$unset', change: () => removed, ignoresBlockedPath: true, onlyShrinks: true }) },
  { name: '$min', parse: ({ value }) => parseExtreme('$min', value) },
  { name: '$max', parse: ({ value }) => parseExtreme('$max', value) },
  { name: '$currentDate', parse: parseCurrentDate },
];
