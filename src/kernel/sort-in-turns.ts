// Sorting of very many values, in steps.

/** Of this many at a time the order takes well below a millisecond. */
const stepLength = 1_024;

/** The values in order, as by `toSorted`, which keeps equal ones as they stand; for `inTurns`. */
export function* sortedInTurns<T>(values: readonly T[], compare: (left: T, right: T) => number): Generator<undefined, T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < values.length; start += stepLength) {
    runs.push(values.slice(start, start + stepLength).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      const [left, right] = [runs[index]!, runs[index + 1]];
      merged.push(right === undefined ? left : yield* mergedInTurns(left, right, compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergedInTurns<T>(left: readonly T[], right: readonly T[], compare: (left: T, right: T) => number): Generator<undefined, T[]> {
  const merged: T[] = [];
  let [leftAt, rightAt] = [0, 0];
  while (leftAt < left.length && rightAt < right.length) {
    merged.push(compare(left[leftAt]!, right[rightAt]!) <= 0 ? left[leftAt++]! : right[rightAt++]!);
    if (merged.length % stepLength === 0) yield;
  }
  while (leftAt < left.length) merged.push(left[leftAt++]!);
  while (rightAt < right.length) merged.push(right[rightAt++]!);
  return merged;
}
