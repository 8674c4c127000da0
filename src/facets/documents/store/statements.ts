// Statements made while the server runs, kept by their text so that connections find them prepared.

import { type Statement, statement } from '../../../engine/client.ts';

type PgTypes = NonNullable<Parameters<typeof statement>[1]>;
export type ParameterType = PgTypes[number];

const keptStatements = 1_000;
const statements = new Map<string, Statement>();

/** The statement of a text whose parameters are declared; the least recently used are forgotten. */
export function statementFor(text: string, types: PgTypes = []): Statement {
  const key = `${types.join()}|${text}`;
  const known = statements.get(key);
  if (known !== undefined) {
    statements.delete(key);
    statements.set(key, known);
    return known;
  }
  const made = statement(text, types);
  statements.set(key, made);
  if (statements.size > keptStatements) {
    const [oldest] = statements.keys();
    if (oldest !== undefined) statements.delete(oldest);
  }
  return made;
}

/** Text with parameters, in the making: `bind` gives a parameter's place. */
export class SqlParameters {
  readonly types: ParameterType[] = [];
  readonly values: unknown[] = [];

  bind(type: ParameterType, value: unknown): string {
    this.types.push(type);
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
