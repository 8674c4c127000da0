// How often and for how long commands were at work on each collection, for the command `top`.

import { mongodbLimits } from './limits.ts';

/** As MongoDB sums up commands. */
export type CommandKind = 'queries' | 'getmore' | 'insert' | 'update' | 'remove' | 'commands';
export type Times = { count: number; micros: number };

const kinds: ReadonlyMap<string, CommandKind> = new Map([
  ['find', 'queries'], ['count', 'commands'], ['distinct', 'commands'], ['aggregate', 'commands'], ['getMore', 'getmore'], ['insert', 'insert'], ['update', 'update'], ['delete', 'remove'], ['findAndModify', 'commands'],
]);
const reads: ReadonlySet<string> = new Set(['find', 'count', 'distinct', 'aggregate', 'getMore']);

export type NamespaceTotals = Readonly<Record<CommandKind | 'total' | 'readLock' | 'writeLock', Times>>;

export class NamespaceTimes {
  readonly #totals = new Map<string, NamespaceTotals>();

  /** Of the commands that work on documents; others are not counted. */
  record(command: string, namespace: string, micros: number): void {
    const kind = kinds.get(command);
    if (kind === undefined) return;
    let totals = this.#totals.get(namespace);
    if (totals === undefined) {
      if (this.#totals.size >= mongodbLimits.timedNamespaces) return;
      totals = newTotals();
      this.#totals.set(namespace, totals);
    }
    for (const times of [totals.total, totals[kind], reads.has(command) ? totals.readLock : totals.writeLock]) {
      times.count += 1;
      times.micros += micros;
    }
  }

  entries(): Iterable<[namespace: string, totals: NamespaceTotals]> {
    return this.#totals;
  }
}

function newTotals(): NamespaceTotals {
  const none = (): Times => ({ count: 0, micros: 0 });
  return { total: none(), readLock: none(), writeLock: none(), queries: none(), getmore: none(), insert: none(), update: none(), remove: none(), commands: none() };
}
