// What a unit of work lacks: collected while commands run, fetched for all of them in one round trip.

import type { Step } from '../../engine/client.ts';
import type { Entry } from './entry.ts';
import type { CollectionKind } from './kinds.ts';

/** Elements of a key that a request names, whatever the key turns out to hold. */
export type NamedElements = { readonly kind: Exclude<CollectionKind, 'list'>; readonly members: readonly Buffer[] };

/** A question about keys that only the store can answer (a range, a rank, a random pick, a union). */
export type Question = {
  readonly entries: readonly Entry[];
  readonly signature: string;
  /** The statement, and what makes the answer out of its rows. */
  readonly step: Omit<Step, 'onRow'>;
  readonly onRow: NonNullable<Step['onRow']>;
  readonly answer: () => unknown;
  /** How many elements the store looks at for it. Default: few. */
  readonly elements?: number;
};

export class Needs {
  /** Keys that are looked for, by space. */
  readonly keys = new Map<number, Entry[]>();
  /** Strings whose long value is wanted. */
  readonly values = new Set<Entry>();
  /** How long they are together. */
  valueBytes = 0;
  /** Elements that are wanted, by entry. */
  readonly elements = new Map<Entry, Map<string, Buffer>>();
  /** Elements of keys that are looked for themselves. */
  readonly named: { readonly entry: Entry; readonly kind: NamedElements['kind']; readonly members: readonly Buffer[] }[] = [];
  /** Collections that are wanted whole. */
  readonly wholes = new Set<Entry>();
  /** Uneven lists of which it is wanted where their items are. */
  readonly runs = new Set<Entry>();
  /** Positions of lists, first and last. */
  readonly ranges: { readonly entry: Entry; readonly first: number; readonly last: number }[] = [];
  readonly questions: Question[] = [];
  /** Questions about no single key: SCAN, DBSIZE and the like. */
  readonly general = new Map<string, { readonly steps: readonly Step[]; readonly answer: () => unknown }>();

  /** Results that take long to compute. */
  readonly computations: { readonly entry: Entry; readonly signature: string; readonly start: () => Generator<undefined, unknown> }[] = [];

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
    return !this.settle && !this.reference && !this.hasQuestions && this.computations.length === 0;
  }
}
