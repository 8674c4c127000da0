// $unwind.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isNullish } from '../../expressions/coercions.ts';
import { splitFieldPath } from '../../expressions/paths.ts';
import { valueOfFields } from '../../filters/paths.ts';
import { mapBatches } from '../batches.ts';
import { withNestedValue } from '../nested-fields.ts';
import { everywhere } from '../stage.ts';
import type { StageKind, UnwindStage } from '../stage.ts';

type Unwinding = Pick<UnwindStage, 'path' | 'indexPath' | 'preserveEmpty'>;

function parseUnwind(argument: Value): UnwindStage {
  const unwinding = typeof argument === 'string' ? { path: parseUnwoundPath(argument), indexPath: undefined, preserveEmpty: false } : parseOptions(argument);
  return {
    name: '$unwind',
    ...unwinding,
    run: (input, environment) => {
      const { metadata } = environment;
      const open = (document: Document): Document[] => unwind(document, unwinding);
      return mapBatches(input, environment, (batch) => batch.flatMap(metadata === undefined ? open : (document) => open(document).map((unwound) => metadata.carry(document, unwound))));
    },
  };
}

function parseUnwoundPath(path: string): string[] {
  if (path === '') throw new DocumentError(28812, 'no path specified to $unwind stage');
  if (!path.startsWith('$')) throw new DocumentError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  return splitFieldPath(path.slice(1));
}

function parseOptions(argument: Value): Unwinding {
  if (!(argument instanceof Map)) throw new DocumentError(15981, `expected either a string or an object as specification for $unwind stage, got ${typeNameOf(argument)}`);
  let path = '';
  let index: string | undefined;
  let preserveEmpty = false;
  for (const [name, value] of argument) {
    if (name === 'path') path = readPath(value);
    else if (name === 'preserveNullAndEmptyArrays') preserveEmpty = readPreserve(value);
    else if (name === 'includeArrayIndex') index = readIndex(value);
    else throw new DocumentError(28811, `unrecognized option to $unwind stage: ${name}`);
  }
  return { path: parseUnwoundPath(path), indexPath: index === undefined ? undefined : splitFieldPath(index), preserveEmpty };
}

function readPath(value: Value): string {
  if (typeof value !== 'string') throw new DocumentError(28808, `expected a string as the path for $unwind stage, got ${typeNameOf(value)}`);
  return value;
}

function readPreserve(value: Value): boolean {
  if (typeof value !== 'boolean') throw new DocumentError(28809, `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeNameOf(value)}`);
  return value;
}

function readIndex(value: Value): string {
  if (typeof value !== 'string' || value === '') {
    throw new DocumentError(28810, `expected a non-empty string for the includeArrayIndex  option to $unwind stage, got ${typeNameOf(value)}`);
  }
  if (value.startsWith('$')) throw new DocumentError(28822, `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${value}`);
  return value;
}

/** The documents that one gives: one of each element, and itself where there is no array. */
export function unwind(document: Document, { path, indexPath, preserveEmpty }: Unwinding): Document[] {
  const value = valueOfFields(document, path);
  const withIndex = (unwound: Document, index: number | null) =>
    indexPath ? withNestedValue(unwound, indexPath, index === null ? null : BigInt(index)) : unwound;
  if (Array.isArray(value)) {
    if (value.length === 0) return preserveEmpty ? [withIndex(withNestedValue(document, path, undefined), null)] : [];
    return value.map((element, index) => withIndex(withNestedValue(document, path, element), index));
  }
  if (isNullish(value) && !preserveEmpty) return [];
  return [withIndex(document, null)];
}

export const unwindStage: StageKind = {
  name: '$unwind',
  parse: parseUnwind,
  places: everywhere,
  examples: [
    { stage: '"$a"', input: '[{"_id": 1, "a": [1, 2]}, {"_id": 2, "a": []}, {"_id": 3}, {"_id": 4, "a": 5}]', result: '[{"_id": 1, "a": 1}, {"_id": 1, "a": 2}, {"_id": 4, "a": 5}]' },
    {
      stage: '{"path": "$a", "preserveNullAndEmptyArrays": true, "includeArrayIndex": "i"}',
      input: '[{"_id": 1, "a": [1]}, {"_id": 2, "a": []}, {"_id": 3, "a": null}, {"_id": 4}, {"_id": 5, "a": 5}]',
      result:
        '[{"_id": 1, "a": 1, "i": {"$numberLong": "0"}}, {"_id": 2, "i": null}, {"_id": 3, "a": null, "i": null}, {"_id": 4, "i": null}, {"_id": 5, "a": 5, "i": null}]',
    },
    { stage: '"$a.b"', input: '[{"a": {"b": [1, 2], "c": 3}}]', result: '[{"a": {"b": 1, "c": 3}}, {"a": {"b": 2, "c": 3}}]' },
    { stage: '"$a.b"', input: '[{"a": [{"b": [1, 2]}]}]', result: '[]' },
    { stage: '1', error: 15981 },
    { stage: '"a"', error: 28818 },
    { stage: '"$"', error: 40352 },
    { stage: '{}', error: 28812 },
    { stage: '{"path": 1}', error: 28808 },
    { stage: '{"path": "$a", "preserveNullAndEmptyArrays": 1}', error: 28809 },
    { stage: '{"path": "$a", "includeArrayIndex": ""}', error: 28810 },
    { stage: '{"path": "$a", "includeArrayIndex": "$i"}', error: 28822 },
    { stage: '{"path": "$a", "x": 1}', error: 28811 },
  ],
};
