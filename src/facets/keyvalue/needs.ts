// What a unit of work lacks: collected while commands run, fetched for all of them in one round trip.

import type { Step } from '../../engine/client.ts';
import type { Entry } from './entry.ts';

/** A question about one key that only the store can answer (a range, a rank, a random pick). */
export type Question = {
  readonly entry: Entry;
  readonly signature: string;
  /** The statement, and what makes the answer out of its rows. */
  readonly step: Omit<Step, 'onRow'>;
  readonly onRow: NonNullable<Step['onRow']>;
  readonly answer: () => unknown;
};

export class Needs {
  /** Keys by space and name. */
  readonly keys = new Map<number, Map<string, Buffer>>();
  /** Strings whose long value is wanted. */
  readonly values = new Set<Entry>();
  /** Elements that are wanted, by entry. */
  readonly elements = new Map<Entry, Map<string, Buffer>>();
  /** Collections that are wanted whole. */
  readonly wholes = new Set<Entry>();
  /** Uneven lists of which it is wanted where their items are. */
  readonly runs = new Set<Entry>();
  /** Positions of lists, first and last. */
  readonly ranges: { readonly entry: Entry; readonly first: number; readonly last: number }[] = [];
  readonly questions: Question[] = [];
  /** Questions about no single key: SCAN, DBSIZE and the like. */
  readonly general = new Map<string, { readonly steps: readonly Step[]; readonly answer: () => unknown }>();

  /** Changes are to be written before a command goes on. */
  settle = false;

  /** A reference for a new collection. */
  reference = false;

  /** There is something to ask the store for. */
  get hasQuestions(): boolean {
    const { keys, values, elements, wholes, runs, ranges, questions, general } = this;
    return keys.size + values.size + elements.size + wholes.size + runs.size + ranges.length + questions.length + general.size > 0;
  }

  get isEmpty(): boolean {
    return !this.settle && !this.reference && !this.hasQuestions;
  }
}
