// Statements made while the server runs, kept by their text so that connections find them prepared.

import type { Statement, statement } from '../../../engine/client.ts';
import { statementOf } from '../../../engine/statement-cache.ts';

type PgTypes = NonNullable<Parameters<typeof statement>[1]>;
export type ParameterType = PgTypes[number];

/** The statement of a text whose parameters are declared. */
export function statementFor(text: string, types: PgTypes = []): Statement {
  return statementOf(text, types);
}

/** Text with parameters, in the making: `bind` gives a parameter's place. */
export class SqlParameters {
  readonly types: ParameterType[];
  readonly values: unknown[];
  /** What of a query each value is; undefined where nobody has to know. */
  readonly origins: unknown[] = [];

  constructor(types: ParameterType[] = [], values: unknown[] = []) {
    this.types = types;
    this.values = values;
  }

  bind(type: ParameterType, value: unknown, origin?: unknown): string {
    this.types.push(type);
    this.values.push(value);
    this.origins.push(origin);
    return `$${this.values.length}`;
  }
}
