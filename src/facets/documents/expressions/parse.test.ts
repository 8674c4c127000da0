import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DateTime, Int32, Timestamp } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newStageContext, parsePipeline } from '../pipelines/parse-pipeline.ts';
import { newParseContext } from './context.ts';
import type { Expression } from './expression.ts';
import { parseExpression, withVariables } from './parse.ts';
import { newScope, scopeOver, type Environment } from './scope.ts';

type Json = number | string | boolean | null | Json[] | { [name: string]: Json };

/** Whole numbers as ints. */
function valueOf(json: Json): Value {
  if (typeof json === 'number') return Number.isInteger(json) ? new Int32(json) : json;
  if (Array.isArray(json)) return json.map(valueOf);
  return json !== null && typeof json === 'object' ? documentOf(json) : json;
}

function documentOf(json: { [name: string]: Json }): Document {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueOf(value)]));
}

function jsonOf(value: Maybe): unknown {
  if (value instanceof Int32) return value.value;
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, field]) => [name, jsonOf(field)]));
  return Array.isArray(value) ? value.map(jsonOf) : value;
}

const environment: Environment = { now: new DateTime(5n) };

function parse(json: Json): Expression {
  return parseExpression(valueOf(json), newParseContext());
}

function evaluate(json: Json, document: { [name: string]: Json } = {}): unknown {
  return jsonOf(parse(json).evaluate(newScope(documentOf(document), environment)));
}

function refuses(action: () => unknown, code: number, text?: string): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof DocumentError, `no DocumentError: ${error}`);
    assert.equal(error.number, code, error.message);
    if (text !== undefined) assert.ok(error.message.includes(text), error.message);
    return true;
  });
}

describe('field paths', () => {
  const document: { [name: string]: Json } = { a: { b: 1 }, l: [{ b: 1 }, 5, { c: 2 }, { b: [{ d: 3 }] }, [{ b: 9 }]], n: null };
  const cases: [string, unknown][] = [
    ['$a.b', 1],
    ['$a.b.c', undefined],
    ['$none', undefined],
    ['$none.x', undefined],
    ['$n', null],
    ['$n.x', undefined],
    ['$l.b', [1, [{ d: 3 }]]],
    ['$l.b.d', [[3]]],
    ['$l.0', []],
    ['$$ROOT.a.b', 1],
    ['$$CURRENT.a', { b: 1 }],
    ['$$REMOVE', undefined],
    ['$$REMOVE.a', undefined],
    ['$a.$id', undefined],
    ['a', 'a'],
    ['', ''],
  ];
  for (const [path, expected] of cases) test(path, () => assert.deepEqual(evaluate(path, document), expected));

  const refused: [string, number][] = [
    ['$', 16_872], ['$$', 9], ['$.', 40_353], ['$a.', 40_353], ['$.a', 15_998], ['$a..b', 15_998], ['$a.$b', 16_410], ['$a\0', 16_411], ['$$ROOT.', 40_353],
    ['$$ROOT.$a', 16_410], ['$$x', 17_276], ['$$NONE', 17_276], ['$$_x', 9], ['$$a-b', 9], ['$$1', 9], ['$$KEEP', 17_276], [`$${'a.'.repeat(199)}a`, 15], [`$$ROOT.${'a.'.repeat(199)}a`, 15],
  ];
  for (const [path, code] of refused) test(`${path.slice(0, 20)} is refused with ${code}`, () => refuses(() => parse(path), code));

  test('the planner sees the fields of plain paths only', () => {
    assert.deepEqual(parse('$a.b').path, ['a', 'b']);
    assert.deepEqual(parse('$$ROOT.a').path, ['a']);
    assert.equal(parse('$$ROOT').path, undefined);
    assert.equal(parse('$$NOW').path, undefined);
    assert.equal(parse({ $let: { vars: { CURRENT: '$a' }, in: '$b' } }).path, undefined);
  });
});

describe('system variables', () => {
  test('NOW, CLUSTER_TIME and USER_ROLES are the environment\'s', () => {
    const scope = newScope(new Map(), { now: new DateTime(7n), clusterTime: new Timestamp(9n), userRoles: [new Map([['role', 'read']])] });
    const read = (path: string) => parse(path).evaluate(scope);
    assert.deepEqual(read('$$NOW'), new DateTime(7n));
    assert.deepEqual(read('$$CLUSTER_TIME'), new Timestamp(9n));
    assert.deepEqual(read('$$USER_ROLES.role'), ['read']);
  });

  test('CLUSTER_TIME is refused where there is none', () => refuses(() => evaluate('$$CLUSTER_TIME'), 51_144));

  test('those of map-reduce are refused when they are read', () => {
    assert.equal(evaluate({ $and: ['$none', '$$IS_MR'] }), false);
    refuses(() => evaluate('$$JS_SCOPE'), 51_144);
  });

  test('those with values of their own are constants, hidden by inner ones', () => {
    const context = newParseContext(new Map<string, Maybe>([['x', documentOf({ a: [{ b: 1 }] })], ['y', undefined]]));
    assert.deepEqual(jsonOf(parseExpression(valueOf(['$$x.a.b', '$$y']), context).constant?.value), [[1], null]);
    const hiding = parseExpression(valueOf({ $let: { vars: { x: '$a' }, in: '$$x' } }), context);
    assert.deepEqual(jsonOf(hiding.evaluate(newScope(documentOf({ a: 2 }), environment))), 2);
    refuses(() => parseExpression(valueOf({ $size: '$$x' }), context), 17_124);
  });

  test('where there is no document, none can be read', () => {
    const context = { ...newParseContext(), isWithoutDocument: true as const };
    for (const path of ['$a', '$$ROOT', '$$CURRENT.a']) refuses(() => parseExpression(valueOf([path]), context), 4_890_500);
    assert.deepEqual(parseExpression(valueOf({ $let: { vars: { CURRENT: { a: 1 } }, in: ['$a'] } }), context).evaluate(newScope(undefined, environment)), [new Int32(1)]);
  });

  test('variables of a stage are set in their slots', () => {
    const { context, slots } = withVariables(newParseContext(), ['KEEP', 'CURRENT']);
    const scope = newScope(documentOf({ a: 1 }), environment);
    scope.slots[slots[0]!] = 'keep';
    scope.slots[slots[1]!] = documentOf({ a: 2 });
    assert.deepEqual(jsonOf(parseExpression(['$$KEEP', '$a', '$$ROOT.a'], context).evaluate(scope)), ['keep', 2, 1]);
    assert.equal(scopeOver(null, scope).slots, scope.slots);
  });
});

describe('objects and arrays', () => {
  test('missing values leave their field out of an object, and are null in an array', () => {
    assert.deepEqual(evaluate({ a: '$x', b: '$none', c: { d: '$none' } }, { x: 1 }), { a: 1, c: {} });
    assert.deepEqual(evaluate(['$x', '$none'], { x: 1 }), [1, null]);
    assert.deepEqual(evaluate({}), {});
  });

  const refused: [Json, number, string?][] = [
    [{ $add: [1], x: 1 }, 15_983, 'exactly one field: { $add: [ 1 ], x: 1 }'],
    [{ x: 1, $add: [1] }, 16_410],
    [{ 'a.b': 1 }, 16_412],
    [{ '': 1 }, 15_998],
    [{ $none: 1 }, 168, "Unrecognized expression '$none'"],
    [{ a: { $where: 1 } }, 168],
    [{ $: 1 }, 168],
    [{ $eq: ['$$none'] }, 17_276],
    [{ $eq: [1] }, 16_020, 'Expression $eq takes exactly 2 arguments. 1 were passed in.'],
    [{ $slice: [1] }, 28_667, 'Expression $slice takes at least 2 arguments, and at most 3, but 1 were passed in.'],
  ];
  for (const [json, code, text] of refused) test(`${JSON.stringify(json)} is refused with ${code}`, () => refuses(() => parse(json), code, text));

  test('one argument may stand without an array', () => {
    assert.equal(evaluate({ $size: '$a' }, { a: [1, 2] }), 2);
    assert.equal(evaluate({ $size: [['x', 'y']] }), 2);
    refuses(() => parse({ $size: [1, 2] }), 16_020);
  });
});

describe('constants', () => {
  test('are evaluated once, while parsing', () => {
    assert.deepEqual(parse({ $concatArrays: [[1], [{ $size: [[1, 2]] }]] }).constant?.value, valueOf([1, 2]));
    assert.deepEqual(parse({ a: [{ $literal: '$x' }] }).constant?.value, valueOf({ a: ['$x'] }));
    assert.equal(parse({ $concatArrays: [[1], '$a'] }).constant, undefined);
    assert.equal(parse({ $rand: {} }).constant, undefined);
    assert.deepEqual(parse('$$REMOVE').constant, { value: undefined });
  });

  test('fail while parsing, even where they would never be evaluated', () => {
    refuses(() => parse({ $cond: ['$a', 1, { $size: 1 }] }), 17_124);
    refuses(() => parse({ $and: [false, { $size: 1 }] }), 17_124);
    refuses(() => parse({ $concatArrays: ['$a', [1], 2] }), 28_664);
  });

  test('of operators that are evaluated for each document fail when one is', () => {
    const operators: Json[] = [{ $filter: { input: 1, cond: 1 } }, { $firstN: { n: 0, input: [] } }, { $sortArray: { input: 1, sortBy: 1 } }, { $zip: { inputs: [1] } }];
    for (const json of operators) {
      assert.equal(evaluate({ $and: ['$none', json] }), false);
      assert.throws(() => evaluate(json), DocumentError);
    }
  });

  test('after every other error of parsing, of a whole pipeline too', () => {
    refuses(() => parse([{ $size: 1 }, { $none: 1 }]), 168);
    const parseStages = (...stages: Json[]) => parsePipeline(stages.map(valueOf), newStageContext({ database: 'd', collection: 'c' }));
    refuses(() => parseStages({ $set: { a: { $size: 1 } } }, { $limit: 'x' }), 5_107_201);
    refuses(() => parseStages({ $set: { a: { $size: 1 } } }, { $limit: 1 }), 17_124);
  });

  test('of branches that constants leave out do not fail', () => {
    const text = '[{"case":false,"then":{"$size":1}},{"case":"$a","then":2},{"case":true,"then":3},{"case":{"$size":1},"then":4}]';
    const branches = JSON.parse(text) as Json[];
    assert.equal(evaluate({ $switch: { branches } }), 3);
    refuses(() => parse({ $switch: { branches, default: { $size: 1 } } }), 17_124);
  });

  test('within what is evaluated per element fail when it is', () => {
    const expression = parse({ $map: { input: '$a', in: { $concatArrays: ['$$this', '$b'] } } });
    assert.deepEqual(jsonOf(expression.evaluate(newScope(documentOf({ a: [] }), environment))), []);
    refuses(() => expression.evaluate(newScope(documentOf({ a: [1] }), environment)), 28_664);
  });

  test('an error of one parse does not reach the next', () => {
    const context = newParseContext();
    refuses(() => parseExpression(valueOf({ $size: 1 }), context), 17_124);
    assert.deepEqual(parseExpression(valueOf({ $isArray: 1 }), context).constant, { value: false });
  });
});

test('variables hide those of the same name outside, and only inside', () => {
  const inner = { $let: { vars: { x: { $concatArrays: ['$$x', [2]] } }, in: '$$x' } };
  assert.deepEqual(evaluate({ $let: { vars: { x: [1] }, in: [inner, '$$x'] } }), [[1, 2], [1]]);
  refuses(() => parse({ $concatArrays: [inner, []] }), 17_276);
});

test('nesting beyond any document\'s is refused', () => {
  let json: Json = '$a';
  for (let depth = 0; depth < 500; depth++) json = { $not: [json] };
  refuses(() => parse(json), 15);
});
