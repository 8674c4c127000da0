import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalFromString } from '../../../values/bson/decimal.ts';
import { BsonSymbol, bsonUndefined, maxKey, minKey, ObjectId, Timestamp, Binary } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDocument, toPlain, toValue } from '../filters/plain-values.ts';
import { naturalDirectionOf, parseSort } from './parse-sort.ts';
import { compareBySort, sortDocuments, sortKeysOf } from './sort-keys.ts';

function refuses(parse: () => unknown, number: number, text: string | undefined, description: string): void {
  assert.throws(parse, (error) => {
    assert.ok(error instanceof DocumentError, description);
    assert.equal(error.number, number, `${description}: ${error.details}`);
    if (text !== undefined) assert.equal(error.details, text, description);
    return true;
  }, description);
}

test('specifications', () => {
  assert.deepEqual(parseSort(toDocument({ 'a.b': 1, c: -1 })), [{ path: ['a', 'b'], descending: false }, { path: ['c'], descending: true }]);
  assert.deepEqual(parseSort(toDocument({ a: 1n, b: decimalFromString('-1') })).map(({ descending }) => descending), [false, true]);
  assert.deepEqual(parseSort(toDocument({})), []);
  const cases: readonly (readonly [spec: object, number: number, text?: string])[] = [
    [{ a: 'asc' }, 15974, 'Illegal key in $sort specification: a: "asc"'],
    [{ a: null }, 15974],
    [{ a: [1] }, 15974],
    [{ a: true }, 15974],
    [{ a: 0 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
    [{ a: 2 }, 15975],
    [{ a: Number.NaN }, 15975],
    [{ a: {} }, 17312, '$meta is the only expression supported by $sort right now'],
    [{ a: { $add: [] } }, 17312],
    [{ a: { $meta: 'x' } }, 31138, 'Illegal $meta sort: $meta: "x"'],
    [{ a: { $meta: 'textScore' } }, 40218, 'query requires text score metadata, but it is not available'],
    [{ a: { $meta: 'textScore', b: 1 } }, 9, 'Cannot have additional keys in a $meta sort specification'],
    [{ '': 1 }, 40352],
    [{ 'a.': 1 }, 40353],
    [{ 'a..b': 1 }, 15998],
    [{ $a: 1 }, 16410],
    [{ $natural: 1 }, 16410],
  ];
  for (const [spec, number, text] of cases) refuses(() => parseSort(toDocument(spec)), number, text, JSON.stringify(spec));
});

test('$natural', () => {
  assert.equal(naturalDirectionOf(toDocument({ $natural: 1 })), 1);
  assert.equal(naturalDirectionOf(toDocument({ $natural: -1 })), -1);
  assert.equal(naturalDirectionOf(toDocument({ a: 1 })), undefined);
  refuses(() => naturalDirectionOf(toDocument({ $natural: 2 })), 2, '$natural sort cannot be set to a value other than -1 or 1.', 'value');
  refuses(() => naturalDirectionOf(toDocument({ $natural: 1, a: 1 })), 2, "Cannot include '$natural' in compound sort: { $natural: 1, a: 1 }", 'compound');
});

test('the order of types', () => {
  const values = [
    minKey, [], null, Number.NaN, -Infinity, -1, 0.5, 1n, decimalFromString('1.5'), 'a', new BsonSymbol('b'), {}, { a: 1 },
    new Binary(new Uint8Array(), 0), new ObjectId(new Uint8Array(12)), false, true, new Date(0), new Timestamp(1n), /x/, maxKey,
  ];
  const documents = values.map((value, index) => toDocument({ _id: index, v: value }));
  const shuffled = documents.toReversed();
  const ascending = sortDocuments(shuffled, parseSort(toDocument({ v: 1 }))).map((document) => toPlain(document.get('_id')!));
  assert.deepEqual(ascending, values.map((_, index) => index));
  const descending = sortDocuments(shuffled, parseSort(toDocument({ v: -1 }))).map((document) => toPlain(document.get('_id')!));
  assert.deepEqual(descending, values.map((_, index) => index).toReversed());
});

test('keys: smallest or largest of arrays, together within one element', () => {
  const cases: readonly (readonly [sort: object, document: object, keys: readonly unknown[]])[] = [
    [{ a: 1 }, { a: 5 }, [5]],
    [{ a: 1 }, {}, [null]],
    [{ a: 1 }, { a: [3, 1, 2] }, [1]],
    [{ a: -1 }, { a: [3, 1, 2] }, [3]],
    [{ a: 1 }, { a: [] }, [bsonUndefined]],
    [{ a: 1 }, { a: [[1, 2], 3] }, [3]],
    [{ a: -1 }, { a: [[1, 2], 3] }, [[1, 2]]],
    [{ 'a.b': 1 }, { a: { b: 1 } }, [1]],
    [{ 'a.b': 1 }, { a: 5 }, [null]],
    [{ 'a.b': 1 }, { a: [] }, [null]],
    [{ 'a.b': 1 }, { a: [1, 2] }, [null]],
    [{ 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, [1]],
    [{ 'a.b': -1 }, { a: [{ b: 2 }, { b: [7, 1] }, {}] }, [7]],
    [{ 'a.b': 1 }, { a: [{ b: 2 }, {}] }, [null]],
    [{ 'a.b': 1, 'a.c': 1 }, { a: [{ b: 2, c: 1 }, { b: 1, c: 9 }] }, [1, 9]],
    [{ 'a.b': 1, 'a.c': -1 }, { a: [{ b: 1, c: 1 }, { b: 1, c: 9 }] }, [1, 9]],
    [{ a: 1, b: -1 }, { a: [3, 1], b: 5 }, [1, 5]],
    [{ b: 1, a: -1 }, { a: [3, 1] }, [null, 3]],
    [{ 'a.0': 1 }, { a: [5, 1] }, [5]],
    [{ 'a.1': 1 }, { a: [5] }, [null]],
    [{ 'a.0.b': 1 }, { a: [{ b: 5 }, { b: 1 }] }, [5]],
    [{ 'a.0.b': 1 }, { a: [{ b: [5, 4] }, { b: 1 }] }, [4]],
  ];
  for (const [sort, document, keys] of cases) {
    assert.deepEqual(sortKeysOf(parseSort(toDocument(sort)), toDocument(document)), keys.map(toValue), `${JSON.stringify(sort)} ${JSON.stringify(document)}`);
  }
  refuses(() => sortKeysOf(parseSort(toDocument({ a: 1, b: 1 })), toDocument({ a: [1], b: [1] })), 2, 'cannot sort with keys that are parallel arrays', 'parallel');
});

test('documents in order, equal ones as they were', () => {
  const pattern = parseSort(toDocument({ a: 1, b: -1 }));
  const documents = [{ i: 0, a: 2 }, { i: 1, a: 1, b: 1 }, { i: 2, a: 1, b: 2 }, { i: 3 }, { i: 4, a: 1, b: 2 }].map(toDocument);
  assert.deepEqual(sortDocuments(documents, pattern).map((document) => toPlain(document.get('i')!)), [3, 2, 4, 1, 0]);
  assert.ok(compareBySort(pattern)(documents[1]!, documents[2]!) > 0);
  assert.equal(compareBySort(pattern)(documents[2]!, documents[4]!), 0);
});
