import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLeaving, tokenOf } from './joining-statements.ts';

test('the statements are known however they are written, and only alone', () => {
  for (const text of ["select facetdb.join_transaction('a.1.b')", " SELECT facetdb . join_transaction ( 'a.1.b'::text ) as x ;\n", "select * from facetdb.join_transaction('a.1.b');"]) assert.deepEqual(tokenOf(text), { token: 'a.1.b' }, text);
  for (const text of ['select facetdb.join_transaction($1)', 'select facetdb.join_transaction( $1::text )']) assert.equal(tokenOf(text), 'parameter', text);
  for (const text of ["select facetdb.join_transaction('a'); select 1", "select 1, facetdb.join_transaction('a')", "select facetdb.join_transaction('a' || 'b')", 'select facetdb.join_transaction($2)']) assert.equal(tokenOf(text), undefined, text);
  for (const text of ['select facetdb.leave_transaction()', 'SELECT * FROM facetdb.leave_transaction ( ) ;']) assert.equal(isLeaving(text), true, text);
  for (const text of ['select facetdb.leave_transaction(1)', 'select facetdb.leave_transaction(); commit']) assert.equal(isLeaving(text), false, text);
});
