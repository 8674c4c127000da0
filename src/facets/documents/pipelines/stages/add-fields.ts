// $addFields and its synonym $set.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseAddFields as parseAddedFields } from '../../projections/parse-add-fields.ts';
import { withParsingContext } from '../../error-context.ts';
import { originInAddedFields } from '../field-origins.ts';
import { everywhere } from '../stage.ts';
import type { StageContext, StageKind, TransformStage } from '../stage.ts';
import { newTransformStage } from './transform.ts';

function parseAddFields(name: '$addFields' | '$set', argument: Value, { expressions }: StageContext): TransformStage {
  if (!(argument instanceof Map)) throw new DocumentError(40272, `${name} specification stage must be an object, got ${typeNameOf(argument)}`);
  const projection = withParsingContext(`Invalid ${name}`, () => {
    if (argument.size === 0) throw new DocumentError(40177, 'specification must have at least one field');
    return parseAddedFields(argument, expressions);
  });
  return newTransformStage('$addFields', projection.apply, { origin: originInAddedFields(argument) });
}

const examples: StageKind['examples'] = [
  { stage: '{"b": {"$add": ["$a", 1]}}', input: '[{"a": 1}]', result: '[{"a": 1, "b": 2}]' },
  { stage: '{"a.c": "x"}', input: '[{"a": [{"b": 1}, 2]}]', result: '[{"a": [{"b": 1, "c": "x"}, {"c": "x"}]}]' },
  { stage: '{"a": {"b": {"c": 1}}}', input: '[{"a": {"d": 2}}, {}]', result: '[{"a": {"d": 2, "b": {"c": 1}}}, {"a": {"b": {"c": 1}}}]' },
  { stage: '{"a": "$$REMOVE", "b": "$missing"}', input: '[{"a": 1, "b": 2, "c": 3}]', result: '[{"c": 3}]' },
  { stage: '{"a": {}}', input: '[{"a": {"b": 1}}]', result: '[{"a": {}}]' },
  { stage: '5', error: 40272 },
  { stage: '{}', error: 40177 },
  { stage: '{"a": 1, "a.b": 2}', error: 40176 },
  { stage: '{"a": {"b.c": 2}}', error: 40183 },
  { stage: '{"a": {"$add": [1], "x": 2}}', error: 40181 },
  { stage: '{"": 1}', error: 40352 },
  { stage: '{"a.": 1}', error: 40353 },
  { stage: '{"a..b": 1}', error: 15998 },
  { stage: '{"$a": 1}', error: 16410 },
];

export const addFieldsStage: StageKind = {
  name: '$addFields',
  parse: (argument, context) => parseAddFields('$addFields', argument, context),
  places: everywhere,
  examples,
};

export const setStage: StageKind = { ...addFieldsStage, name: '$set', parse: (argument, context) => parseAddFields('$set', argument, context) };
