import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlsTransactions, leadingKeyword } from './leading-keyword.ts';

test('comments, blanks and parentheses stand before the first word', () => {
  const texts = { 'select 1': 'select', '  SELECT 1': 'select', '-- commit\n insert into t': 'insert', '/* a /* b */ c */((select 1))': 'select', ';;commit': 'commit', '/* open': '', '': '', '42': '' };
  for (const [text, keyword] of Object.entries(texts)) assert.equal(leadingKeyword(text), keyword, text);
});

test('statements of transactions are known, however they are written', () => {
  for (const text of ['COMMIT', '/**/ rollback to x', ' Begin', 'end', 'prepare transaction $$x$$', 'abort; select 1']) assert.equal(controlsTransactions(text), true, text);
  for (const text of ['select 1', 'committed', 'update t set a = 1', '']) assert.equal(controlsTransactions(text), false, text);
});
