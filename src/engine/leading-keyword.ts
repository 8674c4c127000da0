// The first word of a statement, which tells what kind of statement it is. Source: PostgreSQL's manual, "Lexical Structure".

const skipped = /^(?:\s+|--[^\n]*(?:\n|$)|;|\()+/;

/** In lower case; empty where there is none. */
export function leadingKeyword(text: string): string {
  let rest = text;
  for (;;) {
    const before = rest;
    rest = rest.replace(skipped, '');
    if (rest.startsWith('/*')) rest = afterComment(rest);
    if (rest === before) break;
  }
  return /^[a-z_]+/i.exec(rest)?.[0].toLowerCase() ?? '';
}

/** What follows a comment that `text` begins with; comments may hold comments. */
export function afterComment(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    else if (pair === '*/') depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return text.slice(at + 1);
  }
  return '';
}

/** Statements that begin or end transactions: only who holds the transaction may do that. */
const transactionControl: ReadonlySet<string> = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'prepare', 'savepoint', 'release']);

export function controlsTransactions(text: string): boolean {
  return transactionControl.has(leadingKeyword(text));
}
