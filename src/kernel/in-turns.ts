// Long computations on the one thread that serves everybody.

import { setImmediate as nextTurn } from 'node:timers/promises';

const turnMs = 3;

/** Carries a computation out, that yields often, a few milliseconds at a time: others have their turn in between. */
export async function inTurns<T>(computation: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const startedAt = performance.now();
    do {
      const { done, value } = computation.next();
      if (done === true) return value;
    } while (performance.now() - startedAt < turnMs);
    await nextTurn();
  }
}

/** The same at once, for what is known to be short. */
export function atOnce<T>(computation: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = computation.next();
    if (done === true) return value;
  }
}
