// What is asked of keys and values: runs on a unit of work, in one group with what others ask.

import type { Waiter } from './blocked-clients.ts';
import type { NamedElements } from './needs.ts';
import type { Unit } from './unit.ts';

/** One request: a command, or all commands of a MULTI. */
export type KeyRequest = {
  /** Runs on the unit and gives the reply. An error that it throws is its reply too (unless it is `Missing`). */
  readonly run: (unit: Unit) => unknown;
  /** Called after an attempt that failed, for a request that keeps state between runs. */
  readonly reset?: () => void;
  readonly space: number;
  /** The keys that it may touch, or `all`: it then runs alone, after what came before was written. */
  readonly keys: readonly Buffer[] | 'all';
  /** Elements of its first key that it is going to look at: they are fetched with the key. */
  readonly elements?: NamedElements | undefined;
  /** It replaces its keys without looking at them: they need not be fetched first. */
  readonly isBlind?: boolean;
  /** Only keys' rows are looked at, never elements: one snapshot is certain to be enough. */
  readonly rowsOnly: boolean;
  /** It has to see what is committed, not what its group is about to change (WATCH). */
  readonly committedOnly?: true;
  /** It may be acknowledged before it is safe on disk, as its user chose. */
  readonly isRelaxed?: boolean;
  /** It is known to take long before it is carried out. */
  readonly isLong?: boolean;
  /** For a request that may wait: who will be answered. */
  readonly waiter?: Waiter;
};
