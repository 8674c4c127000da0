// Small queries that many clients ask for at once: a statement each, sent together, for what a lone one costs is mostly
// the two messages between here and PostgreSQL. They are told to be small by their limits only; one that turns out to be
// slow is cancelled, as the others wait for it, and goes alone from then on.

import type { Connection, DataRow, Step } from '../../../engine/client.ts';
import type { GroupKind } from '../../../engine/group-kind.ts';
import type { Query } from './query.ts';
import { statementFor } from './statements.ts';
import { tellsOfArrays, walkIndexes } from './without-arrays.ts';

export type SmallQuery = { readonly query: Query; readonly read: (row: DataRow) => unknown };

/** How long others may wait for one statement. */
const mostMs = 100;

/** Settings of the connections that they go over. */
export const queryLaneParameters = { statement_timeout: `${mostMs}ms`, jit: 'off', max_parallel_workers_per_gather: '0' } as const;

const rememberedMs = 60_000;
const remembered = 1_000;

/** The texts of statements that turned out, a moment ago, not to be what they were taken for. */
export class NotedStatements {
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

/** Statements that are too slow for a group, and those without arrays that others have to be asked in place of. */
export type Noted = { readonly slow: NotedStatements; readonly arrays: NotedStatements };

/** The rows of each query; undefined for one that has to be asked alone. */
export function queryGroup({ slow, arrays }: Noted): GroupKind<SmallQuery, unknown[] | undefined> {
  return {
    name: 'documents.query',
    lanes: 2,
    gathers: true,
    size: 32,
    run: async (connection: Connection, requests: readonly SmallQuery[]) => {
      const replies = requests.map(({ query }): unknown[] | undefined => (slow.has(query) ? undefined : []));
      const whole: Step[] = [];
      const short: Step[] = [];
      for (const [index, { query, read }] of requests.entries()) {
        const rows = replies[index];
        const { withoutArrays } = query;
        if (rows === undefined) continue;
        if (withoutArrays === undefined || arrays.has(withoutArrays)) {
          whole.push(stepOf(query, (row) => void rows.push(read(row))));
          continue;
        }
        short.push(stepOf(withoutArrays, (row) => {
          if (!tellsOfArrays(row)) return void rows.push(read(row));
          arrays.add(withoutArrays);
          replies[index] = undefined;
        }));
      }
      const steps = short.length === 0 ? whole : [...whole, walkIndexes, ...short];
      if (steps.length > 0) await connection.execute(steps);
      return replies;
    },
  };
}

function stepOf({ text, parameters }: Query, onRow: (row: DataRow) => void): Step {
  return { statement: statementFor(text, parameters.types), values: parameters.values, onRow };
}
