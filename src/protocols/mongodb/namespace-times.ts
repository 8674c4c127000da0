// How often and for how long commands were at work on each collection, for the command `top` and the stage $collStats.

import { LatencyHistogram } from './latency-histogram.ts';
import { mongodbLimits } from './limits.ts';

/** As MongoDB sums up commands. */
export type CommandKind = 'queries' | 'getmore' | 'insert' | 'update' | 'remove' | 'commands';
export type Times = { count: number; micros: number };

const kinds: ReadonlyMap<string, CommandKind> = new Map([
  ['find', 'queries'], ['count', 'commands'], ['distinct', 'commands'], ['aggregate', 'commands'], ['getMore', 'getmore'], ['insert', 'insert'], ['update', 'update'], ['delete', 'remove'], ['findAndModify', 'commands'],
]);
const reads: ReadonlySet<string> = new Set(['find', 'count', 'distinct', 'aggregate', 'getMore']);

export type NamespaceTotals = Readonly<Record<CommandKind | 'total' | 'readLock' | 'writeLock', Times>>;

export type NamespaceRecord = { readonly totals: NamespaceTotals; readonly reads: LatencyHistogram; readonly writes: LatencyHistogram };

export class NamespaceTimes {
  readonly #records = new Map<string, NamespaceRecord>();

  /** Of the commands that work on documents; others are not counted. */
  record(command: string, namespace: string, micros: number): void {
    const kind = kinds.get(command);
    if (kind === undefined) return;
    let known = this.#records.get(namespace);
    if (known === undefined) {
      if (this.#records.size >= mongodbLimits.timedNamespaces) return;
      known = { totals: newTotals(), reads: new LatencyHistogram(), writes: new LatencyHistogram() };
      this.#records.set(namespace, known);
    }
    const { totals } = known;
    const isRead = reads.has(command);
    for (const times of [totals.total, totals[kind], isRead ? totals.readLock : totals.writeLock]) {
      times.count += 1;
      times.micros += micros;
    }
    (isRead ? known.reads : known.writes).record(micros);
  }

  of(namespace: string): NamespaceRecord | undefined {
    return this.#records.get(namespace);
  }

  *entries(): Iterable<[namespace: string, totals: NamespaceTotals]> {
    for (const [namespace, { totals }] of this.#records) yield [namespace, totals];
  }
}

function newTotals(): NamespaceTotals {
  const none = (): Times => ({ count: 0, micros: 0 });
  return { total: none(), readLock: none(), writeLock: none(), queries: none(), getmore: none(), insert: none(), update: none(), remove: none(), commands: none() };
}
