// Statements by their text, so that a text that comes again is found among a connection's prepared statements.

import { engineLimits } from './limits.ts';
import { Statement } from './wire/statement.ts';

const statements = new Map<string, Statement>();

/** The statement of a text whose parameters' types PostgreSQL infers. The least recently used are forgotten. */
export function statementOf(text: string): Statement {
  const known = statements.get(text);
  if (known !== undefined) {
    // Reinserted: the map's order is the order of use.
    statements.delete(text);
    statements.set(text, known);
    return known;
  }
  const made = new Statement(text);
  statements.set(text, made);
  if (statements.size > engineLimits.cachedStatements) {
    const [oldest] = statements.keys();
    if (oldest !== undefined) statements.delete(oldest);
  }
  return made;
}
