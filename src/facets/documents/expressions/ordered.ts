// A bounded list that is kept in order.

/** Puts `value` behind what is not greater, and drops the last element beyond `limit`. */
export function insertOrdered<T>(values: T[], value: T, limit: number, compare: (a: T, b: T) => number): void {
  if (values.length >= limit && compare(values.at(-1)!, value) <= 0) return;
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(values[middle]!, value) <= 0) low = middle + 1;
    else high = middle;
  }
  values.splice(low, 0, value);
  if (values.length > limit) values.pop();
}
