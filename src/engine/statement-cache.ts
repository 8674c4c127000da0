// Statements by their text, so that a text that comes again is found among a connection's prepared statements.

import { engineLimits } from './limits.ts';
import { Statement } from './wire/statement.ts';
import type { PgTypeName } from './wire/types.ts';

const statements = new Map<string, Statement>();

/** The statement of a text; without `parameters` PostgreSQL infers their types. The least recently used are forgotten. */
export function statementOf(text: string, parameters?: readonly PgTypeName[]): Statement {
  const key = parameters === undefined ? text : `${parameters.join()}\0${text}`;
  const known = statements.get(key);
  if (known !== undefined) {
    // Reinserted: the map's order is the order of use.
    statements.delete(key);
    statements.set(key, known);
    return known;
  }
  const made = parameters === undefined ? new Statement(text) : new Statement(text, { parameters });
  statements.set(key, made);
  if (statements.size > engineLimits.cachedStatements) {
    const [oldest] = statements.keys();
    if (oldest !== undefined) statements.delete(oldest);
  }
  return made;
}
