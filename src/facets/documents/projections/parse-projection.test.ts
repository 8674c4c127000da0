import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bsonUndefined, type Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { Double, toDocument, toPlain } from '../filters/plain-values.ts';
import { parseAddFields } from './parse-add-fields.ts';
import { parseProjection } from './parse-projection.ts';

type Mode = 'find' | 'aggregate' | 'addFields';

type Case = { readonly spec: object; readonly document: object; readonly filter?: object } & (
  | { readonly result: object }
  | { readonly error: number; readonly text?: string }
);

function apply(mode: Mode, { spec, document, filter }: Case): Document {
  const context = newParseContext();
  const options = { mode: mode === 'find' ? mode : 'aggregate', filter: filter && parseFilter(toDocument(filter), context) } as const;
  const projection = mode === 'addFields' ? parseAddFields(toDocument(spec), context) : parseProjection(toDocument(spec), options, context);
  const input = toDocument(document);
  const before = JSON.stringify(toPlain(input));
  const projected = projection.apply(input);
  assert.equal(JSON.stringify(toPlain(input)), before, 'the document stays as it is');
  return projected;
}

function check(mode: Mode, cases: readonly Case[]): void {
  for (const row of cases) {
    const description = JSON.stringify(row);
    if ('result' in row) {
      // As text: the order of fields counts.
      assert.equal(JSON.stringify(toPlain(apply(mode, row))), JSON.stringify(toPlain(toDocument(row.result))), description);
      continue;
    }
    assert.throws(() => apply(mode, row), (error) => {
      assert.ok(error instanceof DocumentError, `${description}: ${String(error)}`);
      assert.equal(error.number, row.error, `${description}: ${error.details}`);
      if (row.text !== undefined) assert.equal(error.details, row.text, description);
      return true;
    }, description);
  }
}

const both: readonly Mode[] = ['find', 'aggregate'];

test('inclusion', () => {
  for (const mode of both) {
    check(mode, [
      { spec: { a: 1 }, document: { _id: 1, a: 2, b: 3 }, result: { _id: 1, a: 2 } },
      { spec: { b: true, a: new Double(1) }, document: { _id: 1, a: 2, b: 3, c: 4 }, result: { _id: 1, a: 2, b: 3 } },
      { spec: { a: 1, _id: 0 }, document: { _id: 1, a: 2 }, result: { a: 2 } },
      { spec: { _id: 0, a: 1 }, document: { _id: 1, a: 2 }, result: { a: 2 } },
      { spec: { _id: 1 }, document: { _id: 1, a: 2 }, result: { _id: 1 } },
      { spec: { a: 1 }, document: { a: 2, _id: 1 }, result: { a: 2, _id: 1 } },
      { spec: { 'a.b': 1 }, document: { _id: 1, a: { b: 1, c: 2 }, d: 1 }, result: { _id: 1, a: { b: 1 } } },
      { spec: { a: { b: 1 } }, document: { a: { b: 1, c: 2 } }, result: { a: { b: 1 } } },
      { spec: { a: { 'b.c': 1 } }, document: { a: { b: { c: 1, d: 2 } } }, result: { a: { b: { c: 1 } } } },
      { spec: { 'a.b': 1, 'a.c': 1 }, document: { a: { c: 1, b: 2, d: 3 } }, result: { a: { c: 1, b: 2 } } },
      { spec: { 'a.b': 1, a: { c: 1 } }, document: { a: { c: 1, b: 2, d: 3 } }, result: { a: { c: 1, b: 2 } } },
      { spec: { 'a.b': 1 }, document: { a: 5 }, result: {} },
      { spec: { 'a.b': 1 }, document: { a: {} }, result: { a: {} } },
      { spec: { 'a.b': 1 }, document: { a: [{ b: 1, c: 1 }, 5, [{ b: 2 }, 7], {}] }, result: { a: [{ b: 1 }, [{ b: 2 }], {}] } },
      { spec: { '_id.x': 1 }, document: { _id: { x: 1, y: 2 }, a: 1 }, result: { _id: { x: 1 } } },
    ]);
  }
});

test('exclusion', () => {
  for (const mode of both) {
    check(mode, [
      { spec: { a: 0 }, document: { _id: 1, a: 2, b: 3 }, result: { _id: 1, b: 3 } },
      { spec: { a: false, _id: 0 }, document: { _id: 1, a: 2, b: 3 }, result: { b: 3 } },
      { spec: { _id: 0 }, document: { _id: 1, a: 2 }, result: { a: 2 } },
      { spec: { _id: 1, a: 0 }, document: { _id: 1, a: 2, b: 3 }, result: { _id: 1, b: 3 } },
      { spec: { 'a.b': 0 }, document: { a: { b: 1, c: 2 } }, result: { a: { c: 2 } } },
      { spec: { a: { b: 0 } }, document: { a: { b: 1, c: 2 } }, result: { a: { c: 2 } } },
      { spec: { 'a.b': 0 }, document: { a: [{ b: 1, c: 1 }, 5, [{ b: 2 }]] }, result: { a: [{ c: 1 }, 5, [{}]] } },
      { spec: { 'a.b': 0 }, document: { a: 5 }, result: { a: 5 } },
      { spec: { x: 0 }, document: { a: 5 }, result: { a: 5 } },
    ]);
  }
  check('find', [{ spec: {}, document: { _id: 1, a: 1 }, result: { _id: 1, a: 1 } }]);
});

test('computed fields', () => {
  for (const mode of both) {
    check(mode, [
      { spec: { x: '$a' }, document: { _id: 1, a: 2 }, result: { _id: 1, x: 2 } },
      { spec: { b: 1, a: '$a' }, document: { _id: 1, a: 1, b: 2 }, result: { _id: 1, b: 2, a: 1 } },
      { spec: { y: '$b', x: '$a', c: 1 }, document: { a: 1, b: 2, c: 3 }, result: { c: 3, y: 2, x: 1 } },
      { spec: { x: '$missing' }, document: { a: 1 }, result: {} },
      { spec: { x: 'text' }, document: { a: 1 }, result: { x: 'text' } },
      { spec: { x: null }, document: { a: 1 }, result: { x: null } },
      { spec: { x: ['$a', 2] }, document: { a: 1 }, result: { x: [1, 2] } },
      { spec: { x: { $literal: 1 } }, document: { a: 1 }, result: { x: 1 } },
      { spec: { 'x.y': '$a' }, document: { a: 1 }, result: { x: { y: 1 } } },
      { spec: { x: { y: '$a', z: '$none' } }, document: { a: 1 }, result: { x: { y: 1 } } },
      { spec: { 'a.b': '$c' }, document: { a: 5, c: 1 }, result: { a: { b: 1 } } },
      { spec: { c: 1, 'a.b': '$c' }, document: { a: 5, c: 1 }, result: { a: { b: 1 }, c: 1 } },
      { spec: { 'a.b': '$c' }, document: { a: [1, { b: 0, d: 0 }], c: 1 }, result: { a: [{ b: 1 }, { b: 1 }] } },
      { spec: { a: { b: 1, c: '$x' } }, document: { a: { b: 1, d: 2 }, x: 3 }, result: { a: { b: 1, c: 3 } } },
      { spec: { _id: '$a', b: 1 }, document: { _id: 1, a: 2, b: 3 }, result: { b: 3, _id: 2 } },
      { spec: { _id: 0, x: '$a' }, document: { _id: 1, a: 2 }, result: { x: 2 } },
    ]);
  }
});

test('find: $slice', () => {
  const document = { _id: 1, a: [1, 2, 3, 4], b: 5 };
  check('find', [
    { spec: { a: { $slice: 2 } }, document, result: { _id: 1, a: [1, 2], b: 5 } },
    { spec: { a: { $slice: -2 } }, document, result: { _id: 1, a: [3, 4], b: 5 } },
    { spec: { a: { $slice: 9 } }, document, result: { _id: 1, a: [1, 2, 3, 4], b: 5 } },
    { spec: { a: { $slice: -9 } }, document, result: { _id: 1, a: [1, 2, 3, 4], b: 5 } },
    { spec: { a: { $slice: 0 } }, document, result: { _id: 1, a: [], b: 5 } },
    { spec: { a: { $slice: 1.9 } }, document, result: { _id: 1, a: [1], b: 5 } },
    { spec: { a: { $slice: [1, 2] } }, document, result: { _id: 1, a: [2, 3], b: 5 } },
    { spec: { a: { $slice: [-3, 2] } }, document, result: { _id: 1, a: [2, 3], b: 5 } },
    { spec: { a: { $slice: [-9, 2] } }, document, result: { _id: 1, a: [1, 2], b: 5 } },
    { spec: { a: { $slice: [9, 2] } }, document, result: { _id: 1, a: [], b: 5 } },
    { spec: { a: { $slice: 1 }, b: 1 }, document: { ...document, c: 1 }, result: { _id: 1, a: [1], b: 5 } },
    { spec: { a: { $slice: 1 }, b: 0 }, document: { ...document, c: 1 }, result: { _id: 1, a: [1], c: 1 } },
    { spec: { _id: 1, a: { $slice: 1 } }, document, result: { _id: 1, a: [1] } },
    { spec: { _id: 0, a: { $slice: 1 } }, document, result: { a: [1], b: 5 } },
    { spec: { b: { $slice: 1 } }, document, result: { _id: 1, a: [1, 2, 3, 4], b: 5 } },
    { spec: { x: { $slice: 1 } }, document: { _id: 1 }, result: { _id: 1 } },
    { spec: { 'a.b': { $slice: 1 } }, document: { a: { b: [1, 2], c: 3 } }, result: { a: { b: [1], c: 3 } } },
    { spec: { 'a.b': { $slice: 1 } }, document: { a: [{ b: [1, 2] }, 3, [{ b: [1, 2] }]] }, result: { a: [{ b: [1] }, 3, [{ b: [1, 2] }]] } },
    { spec: { x: { $slice: ['$a', 1] } }, document: { a: [5, 6] }, result: { x: [5] } },
  ]);
});

test('find: $elemMatch and the positional $', () => {
  const document = { _id: 1, a: [{ b: 1, c: 1 }, { b: 2, c: 2 }, { b: 2, c: 3 }], d: 4 };
  check('find', [
    { spec: { a: { $elemMatch: { b: 2 } } }, document, result: { _id: 1, a: [{ b: 2, c: 2 }] } },
    { spec: { a: { $elemMatch: { b: 9 } } }, document, result: { _id: 1 } },
    { spec: { a: { $elemMatch: { b: 2 } }, d: 1 }, document, result: { _id: 1, d: 4, a: [{ b: 2, c: 2 }] } },
    { spec: { a: { $elemMatch: { b: 2 } }, d: 0 }, document: { ...document, e: 1 }, result: { _id: 1, a: [{ b: 2, c: 2 }], e: 1 } },
    { spec: { _id: 0, a: { $elemMatch: { b: 2 } } }, document, result: { a: [{ b: 2, c: 2 }] } },
    { spec: { d: { $elemMatch: { $gt: 1 } } }, document, result: { _id: 1 } },
    { spec: { a: { $elemMatch: { $gt: 1 } } }, document: { a: [1, 2, 3] }, result: { a: [2] } },
    { spec: { 'a.$': 1 }, filter: { 'a.b': 2 }, document, result: { _id: 1, a: [{ b: 2, c: 2 }] } },
    { spec: { 'a.$': 1 }, filter: { a: { $elemMatch: { b: 2, c: 3 } } }, document, result: { _id: 1, a: [{ b: 2, c: 3 }] } },
    { spec: { 'a.c.$': 1 }, filter: { 'a.b': 2 }, document, result: { _id: 1, a: [{ c: 2 }] } },
    { spec: { 'a.$': 1 }, filter: { a: { $gt: 1 } }, document: { a: [1, 2, 3] }, result: { a: [2] } },
    { spec: { 'a.b.$': 1 }, filter: { 'a.b': 2 }, document: { a: { b: [1, 2], c: 1 } }, result: { a: { b: [2] } } },
    { spec: { 'd.$': 1 }, filter: { d: 4 }, document, result: { _id: 1, d: 4 } },
    { spec: { 'a.$': 1 }, filter: { _id: 1 }, document, error: 51246, text: "positional operator '.$' couldn't find a matching element in the array" },
    { spec: { 'b.$': 1 }, filter: { a: 3 }, document: { a: [1, 2, 3], b: [1] }, error: 51247, text: "positional operator '.$' element mismatch" },
  ]);
});

test('specifications that contradict themselves', () => {
  const document = {};
  for (const mode of both) {
    check(mode, [
      { spec: { a: 1, b: 0 }, document, error: 31254, text: 'Cannot do exclusion on field b in inclusion projection' },
      { spec: { a: 0, b: 1 }, document, error: 31253, text: 'Cannot do inclusion on field b in exclusion projection' },
      { spec: { a: { b: 1, c: 0 } }, document, error: 31254 },
      { spec: { a: 1, '_id.x': 0 }, document, error: 31254 },
      { spec: { a: 0, b: '$c' }, document, error: 31310, text: 'Cannot use an expression b: "$c" in an exclusion projection' },
      { spec: { a: 0, b: { $add: [1, 2] } }, document, error: 31252 },
      { spec: { b: '$c', a: 0 }, document, error: 31254 },
      { spec: { a: 1, 'a.b': 1 }, document, error: 31249, text: 'Path collision at a.b remaining portion b' },
      { spec: { 'a.b': 1, a: 1 }, document, error: 31250, text: 'Path collision at a' },
      { spec: { a: { b: 1 }, 'a.b': 1 }, document, error: 31250, text: 'Path collision at a.b' },
      { spec: { 'a.b.c': 1, 'a.b': 1 }, document, error: 31250 },
      { spec: { a: {} }, document, error: 51270, text: 'An empty sub-projection is not a valid value. Found empty object at path' },
      { spec: { a: { $noSuch: 1 } }, document, error: 31325, text: 'Unknown expression $noSuch' },
      { spec: { a: { $add: [1], b: 1 } }, document, error: 16410 },
      { spec: { '': 1 }, document, error: 40352 },
      { spec: { 'a.': 1 }, document, error: 40353 },
      { spec: { 'a..b': 1 }, document, error: 15998 },
      { spec: { $a: 1 }, document, error: 16410 },
      { spec: { 'a.$b': 1 }, document, error: 16410 },
      { spec: { 'a.$.b': 1 }, document, error: 31394 },
      { spec: { a: '$' }, document, error: 16872 },
      { spec: { a: '$$none' }, document, error: 17276 },
    ]);
  }
  check('aggregate', [
    { spec: {}, document, error: 51272, text: 'projection specification must have at least one field' },
    { spec: { 'a.$': 1 }, document, error: 31324, text: 'Cannot use positional projection in aggregation projection' },
    { spec: { a: { $elemMatch: { b: 1 } } }, document, error: 168, text: 'Cannot use $elemMatch in this context' },
    { spec: { a: { $slice: 1 } }, document, error: 28667 },
  ]);
});

test("misuse of find's own operators", () => {
  const document = { a: [1] };
  const filter = { a: 1 };
  check('find', [
    { spec: { 'a.$': 0 }, document, filter, error: 31395 },
    { spec: { 'a.$': 'x' }, document, filter, error: 31308 },
    { spec: { 'a.$': { b: 1 } }, document, filter, error: 31271 },
    { spec: { 'a.$': 1 }, document, error: 51050 },
    { spec: { 'a.$': 1, 'b.$': 1 }, document, filter, error: 31276 },
    { spec: { 'a.$': 1, b: { $elemMatch: {} } }, document, filter, error: 31255 },
    { spec: { b: { $elemMatch: {} }, 'a.$': 1 }, document, filter, error: 31256 },
    { spec: { '.$': 1 }, document, filter, error: 5392900 },
    { spec: { 'a.$': 1 }, document, filter: { $expr: true }, error: 224 },
    { spec: { $: 1 }, document, filter, error: 16410 },
    { spec: { a: { $elemMatch: 1 } }, document, error: 31274, text: 'elemMatch: Invalid argument, object required, but got int' },
    { spec: { 'a.b': { $elemMatch: {} } }, document, error: 31275 },
    { spec: { a: { b: { $elemMatch: {} } } }, document, error: 31275 },
    { spec: { a: { $elemMatch: { $foo: 1 } } }, document, error: 2 },
    { spec: { a: { $elemMatch: { $where: 'x' } } }, document, error: 2 },
    { spec: { a: { $slice: 'x' } }, document, error: 28667 },
    { spec: { a: { $slice: [1, 0] } }, document, error: 28724 },
    { spec: { a: { $slice: [1] } }, document, error: 28667 },
  ]);
});

test('$addFields', () => {
  check('addFields', [
    { spec: { b: 2 }, document: { _id: 1, a: 1 }, result: { _id: 1, a: 1, b: 2 } },
    { spec: { a: 0 }, document: { a: 1, b: 1 }, result: { a: 0, b: 1 } },
    { spec: { a: '$b' }, document: { a: 1, b: 2 }, result: { a: 2, b: 2 } },
    { spec: { a: '$b', b: '$a' }, document: { a: 1, b: 2 }, result: { a: 2, b: 1 } },
    { spec: { a: '$none' }, document: { a: 1, b: 2 }, result: { b: 2 } },
    { spec: { 'a.b': 1 }, document: { a: { c: 2 } }, result: { a: { c: 2, b: 1 } } },
    { spec: { a: { b: 1 } }, document: { a: { c: 2 } }, result: { a: { c: 2, b: 1 } } },
    { spec: { 'a.b': 1 }, document: { a: 5 }, result: { a: { b: 1 } } },
    { spec: { 'a.b': 1 }, document: {}, result: { a: { b: 1 } } },
    { spec: { 'a.b': 1 }, document: { a: [1, { c: 1 }, [{}]] }, result: { a: [{ b: 1 }, { c: 1, b: 1 }, [{ b: 1 }]] } },
    { spec: { a: {} }, document: { a: 1 }, result: { a: {} } },
    { spec: { a: { $literal: '$x' } }, document: {}, result: { a: '$x' } },
    { spec: { a: [1, '$b'] }, document: { b: 2 }, result: { b: 2, a: [1, 2] } },
    { spec: {}, document: { b: 2 }, result: { b: 2 } },
    { spec: { a: 1, 'a.b': 2 }, document: {}, error: 40176, text: "specification contains two conflicting paths. Cannot specify both 'a.b' and 'a': { a: 1, a.b: 2 }" },
    { spec: { a: { $add: [1], x: 1 } }, document: {}, error: 40181 },
    { spec: { a: { 'b.c': 1 } }, document: {}, error: 40183 },
    { spec: { 'a.': 1 }, document: {}, error: 40353 },
    { spec: { $a: 1 }, document: {}, error: 16410 },
    { spec: { a: { $noSuch: 1 } }, document: {}, error: 168 },
  ]);
});

test('undefined is kept as a literal', () => {
  check('aggregate', [{ spec: { x: bsonUndefined }, document: {}, result: { x: bsonUndefined } }]);
});
