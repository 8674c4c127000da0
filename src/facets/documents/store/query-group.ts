// Small queries that many clients ask for at once: a statement each, sent together, for what a lone one costs is mostly
// the two messages between here and PostgreSQL. They are told to be small by their limits only; one that turns out to be
// slow is cancelled, as the others wait for it, and goes alone from then on.

import type { Connection, DataRow, Step } from '../../../engine/client.ts';
import type { GroupKind } from '../../../engine/group-kind.ts';
import { type Query } from './sql-cursor.ts';
import { statementFor } from './statements.ts';

export type SmallQuery = { readonly query: Query; readonly read: (row: DataRow) => unknown };

/** How long others may wait for one statement. */
const mostMs = 100;

/** Settings of the connections that they go over. */
export const queryLaneParameters = { statement_timeout: `${mostMs}ms`, jit: 'off' } as const;

const rememberedMs = 60_000;
const remembered = 1_000;

/** The texts of statements that took too long a moment ago. */
export class SlowStatements {
  readonly #untilMs = new Map<string, number>();

  has({ text }: Query): boolean {
    if (this.#untilMs.size === 0) return false;
    const untilMs = this.#untilMs.get(text);
    if (untilMs === undefined) return false;
    if (untilMs > Date.now()) return true;
    this.#untilMs.delete(text);
    return false;
  }

  add({ text }: Query): void {
    if (this.#untilMs.size >= remembered) this.#untilMs.clear();
    this.#untilMs.set(text, Date.now() + rememberedMs);
  }
}

/** The rows of each query; undefined for one that has to be asked alone. */
export function queryGroup(slow: SlowStatements): GroupKind<SmallQuery, unknown[] | undefined> {
  return {
    name: 'documents.query',
    lanes: 2,
    gathers: true,
    size: 32,
    run: async (connection: Connection, requests: readonly SmallQuery[]) => {
      const replies = requests.map(({ query }): unknown[] | undefined => (slow.has(query) ? undefined : []));
      const steps = requests.flatMap(({ query: { text, parameters }, read }, index): Step[] => {
        const rows = replies[index];
        return rows === undefined ? [] : [{ statement: statementFor(text, parameters.types), values: parameters.values, onRow: (row) => void rows.push(read(row)) }];
      });
      if (steps.length > 0) await connection.execute(steps);
      return replies;
    },
  };
}
