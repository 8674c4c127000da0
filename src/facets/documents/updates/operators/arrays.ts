// Operators on arrays: $addToSet, $pop, $pull, $pullAll; $push has a file of its own.

import { equalValues, hashKeyOf } from '../../../../values/bson/compare.ts';
import { RegularExpression, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { newParseContext } from '../../expressions/context.ts';
import type { Filter } from '../../filters/filter.ts';
import { compileFilter } from '../../filters/match.ts';
import { parseFilter } from '../../filters/parse-filter.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { parseLong } from '../numbers.ts';
import { unchanged } from '../update.ts';
import type { ElementTest, LeafNode, UpdateOperator } from '../update.ts';
import { parsePush } from './push.ts';

function parseAddToSet({ value }: { readonly value: Value }): LeafNode {
  const elements = withoutDuplicates(elementsToAdd(value), new Set());
  return {
    kind: 'leaf',
    operator: '$addToSet',
    change: (current, { path }) => {
      if (!Array.isArray(current)) {
        throw new DocumentError('BadValue', `Cannot apply $addToSet to non-array field. Field named '${path.at(-1)}' has non-array type ${typeNameOf(current)}`);
      }
      const added = withoutDuplicates(elements, new Set(current.map(hashKeyOf)));
      return added.length === 0 ? unchanged : [...current, ...added];
    },
    create: () => [...elements],
  };
}

function elementsToAdd(value: Value): readonly Value[] {
  if (!(value instanceof Map)) return [value];
  const [first] = value;
  if (first?.[0] !== '$each') return [value];
  if (!Array.isArray(first[1])) throw new DocumentError('TypeMismatch', `The argument to $each in $addToSet must be an array but it was of type ${typeNameOf(first[1])}`);
  if (value.size > 1) throw new DocumentError('BadValue', `Found unexpected fields after $each in $addToSet: ${shellText(value)}`);
  return first[1];
}

/** The values, in order, whose keys are not in `seen`; adds their keys to it. */
function withoutDuplicates(values: readonly Value[], seen: Set<string>): Value[] {
  return values.filter((value) => {
    const key = hashKeyOf(value);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function parsePop({ field, value }: { readonly field: string; readonly value: Value }): LeafNode {
  const end = parseLong(field, value);
  if (end !== 1n && end !== -1n) throw new DocumentError('FailedToParse', `$pop expects 1 or -1, found: ${end}`);
  return {
    kind: 'leaf',
    operator: '$pop',
    change: (current, { path }) => {
      if (!Array.isArray(current)) {
        throw new DocumentError('TypeMismatch', `Path '${path.join('.')}' contains an element of non-array type '${typeNameOf(current)}'`);
      }
      if (current.length === 0) return unchanged;
      return end === 1n ? current.slice(0, -1) : current.slice(1);
    },
    onlyShrinks: true,
  };
}

/** Removes the elements that satisfy `isPulled`. Both operators name $pull in their message. */
function pulling(operator: '$pull' | '$pullAll', isPulled: ElementTest): LeafNode {
  return {
    kind: 'leaf',
    operator,
    change: (current) => {
      if (!Array.isArray(current)) throw new DocumentError('BadValue', 'Cannot apply $pull to a non-array value');
      const rest = current.filter((element) => !isPulled(element));
      return rest.length === current.length ? unchanged : rest;
    },
    onlyShrinks: true,
  };
}

/** The operators of filters that stand behind a field; a condition that begins with one is about the element itself. */
const fieldConditions: ReadonlySet<string> = new Set([
  '$all', '$bitsAllClear', '$bitsAllSet', '$bitsAnyClear', '$bitsAnySet', '$elemMatch', '$eq', '$exists', '$geoIntersects', '$geoNear',
  '$geoWithin', '$gt', '$gte', '$in', '$lt', '$lte', '$maxDistance', '$minDistance', '$mod', '$ne', '$near', '$nearSphere', '$nin',
  '$options', '$regex', '$size', '$type', '$within',
]);

function parsePullCondition(value: Value): ElementTest {
  if (value instanceof Map && !fieldConditions.has(firstFieldOf(value) ?? '')) {
    const matches = compileFilter(parseCondition(value));
    return (element) => element instanceof Map && matches(element);
  }
  if (value instanceof Map || value instanceof RegularExpression) {
    const matches = compileFilter(parseCondition(new Map([['element', value]])));
    return (element) => matches(new Map([['element', element]]));
  }
  return (element) => equalValues(element, value);
}

function parseCondition(condition: Document): Filter {
  return parseFilter(condition, newParseContext(), 'fields');
}

function firstFieldOf(document: ReadonlyMap<string, Value>): string | undefined {
  const [first] = document.keys();
  return first;
}

function parsePullAll({ value }: { readonly value: Value }): LeafNode {
  if (!Array.isArray(value)) throw new DocumentError('BadValue', `$pullAll requires an array argument but was given a ${typeNameOf(value)}`);
  const keys = new Set(value.map(hashKeyOf));
  return pulling('$pullAll', (element) => keys.has(hashKeyOf(element)));
}

export const arrayOperators: readonly UpdateOperator[] = [
  { name: '$push', parse: parsePush },
  { name: '$addToSet', parse: parseAddToSet },
  { name: '$pop', parse: parsePop },
  { name: '$pull', parse: ({ value }) => pulling('$pull', parsePullCondition(value)) },
  { name: '$pullAll', parse: parsePullAll },
];
