// Runs the examples that stand beside every operator, and sees that the tables are in order.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DateTime } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from './context.ts';
import type { ExpressionExample } from './expression.ts';
import { parseExpression } from './parse.ts';
import { operatorFamilies } from './registry.ts';
import { newScope } from './scope.ts';

/** A value of Extended JSON, which need not be a document. */
function valueOf(text: string): Value {
  return (parseExtendedJson(`{"value":${text}}`) as Document).get('value')!;
}

/** The value with its types, as text that a difference can be read from. */
function textOf(value: Maybe): string {
  return value === undefined ? 'missing' : toExtendedJson(value);
}

function evaluated({ expression, document = '{}' }: ExpressionExample): Maybe {
  const root = parseExtendedJson(document) as Document;
  return parseExpression(valueOf(expression), newParseContext()).evaluate(newScope(root, { now: new DateTime(0n) }));
}

function check(example: ExpressionExample): void {
  if ('error' in example) {
    assert.throws(() => evaluated(example), (error) => {
      assert.ok(error instanceof DocumentError, `no DocumentError: ${error}`);
      assert.equal(error.number, example.error, error.message);
      return true;
    });
    return;
  }
  assert.equal(textOf(evaluated(example)), textOf('result' in example ? valueOf(example.result) : undefined));
}

for (const family of operatorFamilies) {
  for (const { name, examples } of family) {
    describe(name, () => {
      for (const example of examples) test(`${example.expression} over ${example.document ?? '{}'}`, () => check(example));
    });
  }
}

test('every operator stands in one family, and has examples', () => {
  const names = operatorFamilies.flat().map(({ name }) => name);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
  assert.deepEqual(operatorFamilies.flat().filter(({ examples }) => examples.length === 0).map(({ name }) => name), []);
});
