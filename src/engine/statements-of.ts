// The statements of a text that may hold several. Source: PostgreSQL's manual, "Lexical Structure": a semicolon ends a statement,
// except in strings, quoted names and comments.

import { afterComment } from './leading-keyword.ts';

/** What a semicolon may stand in, the beginning of a comment, and a semicolon. */
const tokens = /--[^\n]*|(?<![\w$\x80-\uffff])e'(?:[^'\\]|\\.|'')*(?:'|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|(?<![\w$\x80-\uffff])\$((?:[a-z_\x80-\uffff][\w\x80-\uffff]*)?)\$.*?(?:\$\1\$|$)|\/\*|;/gis;

/** In their order, without the semicolons; those of nothing are there too. */
export function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  tokens.lastIndex = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '/*') tokens.lastIndex = text.length - afterComment(text.slice(token.index)).length;
    else if (token[0] === ';') {
      statements.push(text.slice(from, token.index));
      from = token.index + 1;
    }
  }
  statements.push(text.slice(from));
  return statements;
}
