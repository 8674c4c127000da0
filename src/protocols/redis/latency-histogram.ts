// Counts durations in buckets that grow with the duration, eight for each power of two: exact enough for percentiles.

const parts = 8;
/** Durations from about an hour on count as that. */
const longest = 2 ** 32 - 1;

export class LatencyHistogram {
  /** Bucket `exponent * parts + part` counts durations from `2^exponent * (1 + part / parts)` microseconds on. */
  readonly #buckets: number[] = Array.from({ length: 32 * parts }, () => 0);
  #count = 0;

  record(microseconds: number): void {
    const value = Math.min(Math.max(1, microseconds), longest);
    const exponent = 31 - Math.clz32(value);
    // The three bits after the first.
    const part = (exponent < 3 ? value << (3 - exponent) : value >>> (exponent - 3)) & (parts - 1);
    const bucket = exponent * parts + part;
    this.#buckets[bucket]! += 1;
    this.#count += 1;
  }

  /** The duration, in microseconds, that so many of a hundred do not exceed. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (seen >= wanted) return 2 ** Math.floor(bucket / parts) * (1 + (bucket % parts) / parts);
    }
    return 0;
  }

  /** As LATENCY HISTOGRAM shows it: for each power of two with something new below it, how many there are in all. */
  cumulative(): [microseconds: number, count: number][] {
    const shown: [number, number][] = [];
    let seen = 0;
    for (let exponent = 0; exponent * parts < this.#buckets.length; exponent++) {
      const before = seen;
      for (let part = 0; part < parts; part++) seen += this.#buckets[exponent * parts + part]!;
      if (seen > before) shown.push([2 ** (exponent + 1), seen]);
    }
    return shown;
  }
}
