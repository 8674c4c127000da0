// Chooses a group that may be under way at the same time as others: nothing in it touches what they touch, and no origin
// is in two of them. Who has to wait is not overtaken by those behind it that touch the same.

import type { Origin, Pending, Touched } from './group-request.ts';
import { engineLimits } from './limits.ts';

/** Origins and what their requests touch. */
export class Touches {
  readonly #origins = new Set<Origin>();
  readonly #names = new Set<string>();
  #isAll = false;

  get isEmpty(): boolean {
    return this.#origins.size === 0;
  }

  add({ origin }: Pending, touched: Touched): void {
    this.#origins.add(origin);
    if (touched === 'all') this.#isAll = true;
    else for (const name of touched) this.#names.add(name);
  }

  meet({ origin }: Pending, touched: Touched): boolean {
    if (this.isEmpty) return false;
    if (this.#isAll || touched === 'all' || this.#origins.has(origin)) return true;
    return touched.some((name) => this.#names.has(name));
  }
}

/**
 * Takes up to `size` requests out of `queue`, in its order, that nothing of `others` meets; and what they touch. With `partsLong` those that take long
 * are given by themselves, once what they have to follow is done.
 */
export function takeApart(
  queue: Pending[],
  { size, others, touches, partsLong }: { readonly size: number; readonly others: readonly Touches[]; readonly touches: (request: unknown) => Touched; readonly partsLong: boolean },
): { readonly group: Pending[]; readonly taken: Touches; readonly long: Pending[] } {
  const group: Pending[] = [];
  const taken = new Touches();
  const long: Pending[] = [];
  const kept: Pending[] = [];
  const waiting = new Touches();
  let seen = 0;
  // Behind many that have to wait nobody is looked for.
  while (seen < queue.length && group.length < size && kept.length < engineLimits.groupSize) {
    const pending = queue[seen++]!;
    const touched = (pending.touched ??= touches(pending.request));
    const isLong = partsLong && pending.takesLong;
    if (waiting.meet(pending, touched) || others.some((other) => other.meet(pending, touched)) || (isLong && taken.meet(pending, touched))) {
      waiting.add(pending, touched);
      kept.push(pending);
    } else if (isLong) {
      waiting.add(pending, touched);
      long.push(pending);
    } else {
      taken.add(pending, touched);
      group.push(pending);
    }
  }
  queue.splice(0, seen, ...kept);
  return { group, taken, long };
}
