import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredType } from './preferred-type.ts';

test('the client chooses, the server decides ties', () => {
  const offered = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
  const cases: readonly [string | undefined, string][] = [
    [undefined, 'application/json'], ['*/*', 'application/json'], ['text/csv', 'text/csv'], ['text/*', 'text/csv'],
    ['application/x-ndjson, application/json;q=0.5', 'application/x-ndjson'], ['text/csv;q=0.2, application/json;q=0.1', 'text/csv'], ['*/*;q=0.1, text/csv', 'text/csv'],
  ];
  for (const [accept, type] of cases) assert.equal(preferredType(accept, offered), type, accept);
  for (const accept of ['image/png', 'application/json;q=0, text/csv;q=x']) assert.throws(() => preferredType(accept, offered), { statusCode: 406 });
});
