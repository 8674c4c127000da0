// Whether a history of concurrent operations on one register could have happened in some order, one at a time, each between
// its call and its return: a search over orders (Wing and Gong, "Testing and Verifying Concurrent Objects"), which
// remembers where it has been.

export type Operation = {
  /** Of `performance.now()`. */
  readonly calledAt: number;
  readonly returnedAt: number;
  /** Sets the register to this; undefined: leaves it alone. */
  readonly write?: string;
  /** What it saw the register hold before; null: nothing. Undefined: it does not tell. */
  readonly read?: string | null;
};

/** Gives the first operations that no order explains, or undefined when the history is linearizable. */
export function findUnexplained(operations: readonly Operation[], initial: string | null = null): readonly Operation[] | undefined {
  const sorted = operations.toSorted((left, right) => left.calledAt - right.calledAt);
  const seen = new Set<string>();
  let deepest = 0;
  const search = (done: bigint, first: number, value: string | null): boolean => {
    while (first < sorted.length && (done >> BigInt(first)) & 1n) first += 1;
    if (first === sorted.length) return true;
    deepest = Math.max(deepest, first);
    const state = `${done} ${value}`;
    if (seen.has(state)) return false;
    seen.add(state);
    // Whoever was called after another had returned cannot come before it.
    let horizon = Infinity;
    for (let index = first; index < sorted.length; index++) {
      const operation = sorted[index]!;
      if (operation.calledAt > horizon) break;
      if ((done >> BigInt(index)) & 1n) continue;
      horizon = Math.min(horizon, operation.returnedAt);
      if (operation.read !== undefined && operation.read !== value) continue;
      if (search(done | (1n << BigInt(index)), first, operation.write ?? value)) return true;
    }
    return false;
  };
  return search(0n, 0, initial) ? undefined : sorted.slice(deepest, deepest + 10);
}
