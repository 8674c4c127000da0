// $fill: a $setWindowFields that fills by a method, and a $addFields that fills with values. Source for errors and their
// order: MongoDB 7.0.

import { typeNameOf, type Document, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { everywhere } from '../stage.ts';
import type { Stage, StageContext, StageKind } from '../stage.ts';
import { assertStrings, readArguments } from '../stage-arguments.ts';
import { addFieldsStage } from './add-fields.ts';
import { setWindowFieldsStage } from './set-window-fields.ts';

function parseFill(argument: Value, context: StageContext): readonly Stage[] {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `The $fill stage specification must be an object, found ${typeNameOf(argument)}`);
  const given = readArguments('$fill', argument, { partitionBy: { types: ['object', 'string'] }, partitionByFields: { types: ['array'] }, sortBy: { types: ['object'] }, output: { types: ['object'], required: true } });
  const output = given.get('output') as Document;
  if (output.size === 0) throw new DocumentError(6_050_203, "The output field in '$fill' must contain an object with at least one element");
  const windows: Document = new Map();
  const values: Document = new Map();
  for (const [field, fill] of output) addFill(field, fill, { windows, values });
  const window: Document = new Map<string, Value>([['output', windows]]);
  const sortBy = given.get('sortBy');
  if (sortBy !== undefined) window.set('sortBy', sortBy);
  const partition = partitionOf(given);
  if (partition !== undefined) window.set('partitionBy', partition);
  return [
    ...(windows.size === 0 ? [] : [setWindowFieldsStage.parse(window, context)].flat()),
    ...(values.size === 0 ? [] : [addFieldsStage.parse(values, context)].flat()),
  ];
}

/** What a field is filled with: by a window function, or by a value. */
function addFill(field: string, fill: Value, { windows, values }: { readonly windows: Document; readonly values: Document }): void {
  if (!(fill instanceof Map)) throw new DocumentError(6_050_200, 'Each fill output specification must be an object with exactly one field');
  const given = readArguments('$fill', fill, { method: { types: ['string'] }, value: {} });
  const method = given.get('method');
  const value = given.get('value');
  if (method !== undefined) {
    if (value !== undefined) throw new DocumentError(6_050_201, "Each fill output specification must have exactly one of 'method' or 'value' fields, not both");
    if (method !== 'locf' && method !== 'linear') throw new DocumentError(6_050_202, 'Method must be either locf or linear');
    windows.set(field, new Map([[method === 'linear' ? '$linearFill' : '$locf', `$${field}`]]));
  }
  if (value !== undefined) values.set(field, new Map([['$ifNull', [`$${field}`, value]]]));
}

function partitionOf(given: Document): Value | undefined {
  const partitionBy = given.get('partitionBy');
  const fields = given.get('partitionByFields');
  if (partitionBy !== undefined && fields !== undefined) throw new DocumentError(6_050_204, "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'");
  if (!Array.isArray(fields)) return partitionBy;
  assertStrings('$fill.partitionByFields', fields);
  return new Map(fields.map((field) => [field, `$${field}`]));
}

export const fillStage: StageKind = {
  name: '$fill',
  parse: parseFill,
  places: everywhere,
  examples: [
    { stage: '{"output": {"a": {"value": 0}}}', input: '[{"a": null}, {}, {"a": 1}]', result: '[{"a": 0}, {"a": 0}, {"a": 1}]' },
    { stage: '{"sortBy": {"x": 1}, "output": {"a": {"method": "locf"}}}', input: '[{"x": 1}, {"x": 2, "a": 5}, {"x": 3}]', result: '[{"x": 1, "a": null}, {"x": 2, "a": 5}, {"x": 3, "a": 5}]' },
    {
      stage: '{"sortBy": {"x": 1}, "output": {"a": {"method": "linear"}}}', input: '[{"x": 0, "a": 1}, {"x": 1}, {"x": 4, "a": 9}]',
      result: '[{"x": 0, "a": 1}, {"x": 1, "a": {"$numberDouble": "3.0"}}, {"x": 4, "a": 9}]',
    },
    { stage: '1', error: 9 },
    { stage: '{}', error: 40414 },
    { stage: '{"output": {}}', error: 6050203 },
    { stage: '{"output": {"a": 1}}', error: 6050200 },
    { stage: '{"output": {"a": {"method": "x"}}}', error: 6050202 },
    { stage: '{"output": {"a": {"method": "locf", "value": 1}}}', error: 6050201 },
    { stage: '{"partitionBy": "$a", "partitionByFields": ["a"], "output": {"a": {"value": 1}}}', error: 6050204 },
    { stage: '{"output": {"a": {"method": "linear"}}}', error: 605001 },
  ],
};
