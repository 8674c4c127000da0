// $replaceRoot and $replaceWith.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { typeNameOfMaybe } from '../../expressions/coercions.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { valueText } from '../../expressions/shell-text.ts';
import { originInNewRoot } from '../field-origins.ts';
import { everywhere } from '../stage.ts';
import type { StageContext, StageKind, TransformStage } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';
import { newTransformStage } from './transform.ts';

function newReplaceStage(expression: Value, { expressions }: StageContext, subject: string): TransformStage {
  const parsed = parseExpression(expression, expressions);
  const { evaluate, path } = parsed;
  return newTransformStage('$replaceRoot', (document, scope) => {
    const root = evaluate(scope);
    if (root instanceof Map) return root;
    throw new DocumentError(
      40228,
      `${subject} must evaluate to an object, but resulting value was: ${valueText(root)}. Type of resulting value: '${typeNameOfMaybe(root)}'. Input document: ${valueText(document)}`,
    );
  }, path === undefined ? { origin: originInNewRoot(parsed) } : { root: path });
}

function parseReplaceRoot(argument: Value, context: StageContext): TransformStage {
  if (!(argument instanceof Map)) throw new DocumentError(40229, `expected an object as specification for $replaceRoot stage, got ${typeNameOf(argument)}`);
  const given = readArguments('$replaceRoot', argument, { newRoot: { required: true } });
  return newReplaceStage(given.get('newRoot')!, context, "'newRoot' expression ");
}

export const replaceRootStage: StageKind = {
  name: '$replaceRoot',
  parse: parseReplaceRoot,
  places: everywhere,
  examples: [
    { stage: '{"newRoot": "$a"}', input: '[{"a": {"b": 1}}]', result: '[{"b": 1}]' },
    { stage: '{"newRoot": {"c": "$a.b"}}', input: '[{"a": {"b": 1}}]', result: '[{"c": 1}]' },
    { stage: '{"newRoot": "$b"}', input: '[{"a": 1}]', error: 40228 },
    { stage: '5', error: 40229 },
    { stage: '{}', error: 40414 },
    { stage: '{"newRoot": "$a", "x": 1}', error: 40415 },
  ],
};

export const replaceWithStage: StageKind = {
  name: '$replaceWith',
  parse: (argument, context) => newReplaceStage(argument, context, "'replacement document' "),
  places: everywhere,
  examples: [
    { stage: '"$a"', input: '[{"a": {"b": 1}}]', result: '[{"b": 1}]' },
    { stage: '"$a"', input: '[{"a": 1}]', error: 40228 },
  ],
};
