import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FacetError } from '../../kernel/errors.ts';
import { problemOf } from './problem.ts';

test('a FacetError keeps its code, its message and its details', () => {
  assert.deepEqual(problemOf(new FacetError('pool_exhausted', 'waited 10 ms')), {
    type: 'about:blank',
    title: 'no connection became free in time',
    status: 503,
    code: 'pool_exhausted',
    detail: 'waited 10 ms',
  });
});

test("what the framework refuses is the client's mistake", () => {
  const error = Object.assign(new Error('Request body is too large'), { statusCode: 413 });
  assert.deepEqual(problemOf(error), { type: 'about:blank', title: 'Payload Too Large', status: 413, detail: 'Request body is too large' });
});

test('our own mistakes tell nothing of their inside', () => {
  for (const error of [new Error('secret'), new FacetError('internal', 'secret'), 'secret', null]) {
    assert.doesNotMatch(JSON.stringify(problemOf(error)), /secret/);
    assert.equal(problemOf(error).status, 500);
  }
});
