import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';

test('identifiers keep their case and every character', () => {
  assert.equal(quoteIdentifier('orders'), '"orders"');
  assert.equal(quoteIdentifier('My "Table"; drop'), '"My ""Table""; drop"');
  assert.equal(quoteIdentifier("it's\\"), `"it's\\"`);
});

test('a name that PostgreSQL would change or refuse is an error', () => {
  assert.equal(quoteIdentifier('é'.repeat(31)), `"${'é'.repeat(31)}"`);
  for (const name of ['', 'a\0b', 'x'.repeat(64), 'é'.repeat(32)]) {
    assert.throws(() => quoteIdentifier(name), { code: 'data_invalid' }, JSON.stringify(name));
  }
});

test('literals', () => {
  assert.equal(quoteLiteral('plain'), "'plain'");
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("\\' or 1=1"), " E'\\\\'' or 1=1'");
  assert.throws(() => quoteLiteral('a\0b'), { code: 'data_invalid' });
});
