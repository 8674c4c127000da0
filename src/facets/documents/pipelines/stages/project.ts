// $project and $unset.

import { int32 } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { splitFieldPath } from '../../expressions/paths.ts';
import { parseProjection } from '../../projections/parse-projection.ts';
import { withParsingContext } from '../../error-context.ts';
import { originInProjection } from '../field-origins.ts';
import { everywhere } from '../stage.ts';
import type { StageContext, StageKind, TransformStage } from '../stage.ts';
import { newTransformStage } from './transform.ts';

function parseProject(argument: Value, { expressions }: StageContext): TransformStage {
  if (!(argument instanceof Map)) throw new DocumentError(15969, '$project specification must be an object');
  if (argument.size === 0) throw new DocumentError(51272, 'Invalid $project :: caused by :: projection specification must have at least one field');
  const projection = withParsingContext('Invalid $project', () => parseProjection(argument, { mode: 'aggregate' }, expressions));
  return newTransformStage('$project', projection.apply, { origin: originInProjection(projection.kind === 'inclusion', argument) });
}

export const projectStage: StageKind = {
  name: '$project',
  parse: parseProject,
  places: everywhere,
  examples: [
    { stage: '{"a": 1}', input: '[{"_id": 1, "a": 1, "b": 2}]', result: '[{"_id": 1, "a": 1}]' },
    { stage: '{"a": 0}', input: '[{"_id": 1, "a": 1, "b": 2}]', result: '[{"_id": 1, "b": 2}]' },
    { stage: '{"_id": 0, "c": {"$add": ["$a", "$b"]}}', input: '[{"_id": 1, "a": 1, "b": 2}]', result: '[{"c": 3}]' },
    { stage: '{}', error: 51272 },
    { stage: '1', error: 15969 },
  ],
};

function parseUnset(argument: Value, { expressions }: StageContext): TransformStage {
  const paths = typeof argument === 'string' ? [argument] : argument;
  if (!Array.isArray(paths)) throw new DocumentError(31002, '$unset specification must be a string or an array');
  if (paths.length === 0) throw new DocumentError(31119, '$unset specification must be a string or an array with at least one field');
  const excluded: Document = new Map();
  for (const path of paths) {
    if (typeof path !== 'string') throw new DocumentError(31120, '$unset specification must be a string or an array containing only string values');
    excluded.set(path, int32(0));
  }
  const projection = withParsingContext('Invalid $unset', () => {
    for (const path of excluded.keys()) splitFieldPath(path);
    if (excluded.size < paths.length) throw new DocumentError(31250, `Path collision at ${paths.find((path, index) => paths.indexOf(path) < index) as string}`);
    return parseProjection(excluded, { mode: 'aggregate' }, expressions);
  });
  return newTransformStage('$unset', projection.apply, { origin: originInProjection(false, excluded) });
}

export const unsetStage: StageKind = {
  name: '$unset',
  parse: parseUnset,
  places: everywhere,
  examples: [
    { stage: '"a"', input: '[{"a": 1, "b": 2}]', result: '[{"b": 2}]' },
    { stage: '["a.b", "c"]', input: '[{"a": [{"b": 1, "d": 2}], "c": 3}]', result: '[{"a": [{"d": 2}]}]' },
    { stage: '5', error: 31002 },
    { stage: '[]', error: 31119 },
    { stage: '[1]', error: 31120 },
    { stage: '""', error: 40352 },
  ],
};
