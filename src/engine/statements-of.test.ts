import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statementsOf } from './statements-of.ts';

test('semicolons end statements, but not in strings, names and comments', () => {
  const texts: Record<string, string[]> = {
    'select 1': ['select 1'],
    'select 1; commit;': ['select 1', ' commit', ''],
    "select 'it''s; one' ; x": ["select 'it''s; one' ", ' x'],
    "select e'\\'; one' ; x": ["select e'\\'; one' ", ' x'],
    "select 'a\\' ; x": ["select 'a\\' ", ' x'],
    'select "a;""b" ; x': ['select "a;""b" ', ' x'],
    'do $$ begin; end $$; x': ['do $$ begin; end $$', ' x'],
    'do $a$ $$;$$ ; $a$; x': ['do $a$ $$;$$ ; $a$', ' x'],
    'select $1; x': ['select $1', ' x'],
    'select a$b$ ; x$b$': ['select a$b$ ', ' x$b$'],
    '/* ; /* ; */ ; */ a; -- ; \n b': ['/* ; /* ; */ ; */ a', ' -- ; \n b'],
    "select 'open ; x": ["select 'open ; x"],
    '/* open ; x': ['/* open ; x'],
  };
  for (const [text, statements] of Object.entries(texts)) assert.deepEqual(statementsOf(text), statements, text);
});
