// Durations counted in MongoDB's buckets: powers of two, halved between 2 ms and 2 s. Source: MongoDB 7.0,
// src/mongo/db/stats/operation_latency_histogram.cpp.

const buckets = 51;
/** From 2^11 up to 2^21 microseconds each power has two buckets. */
const [firstHalved, firstWhole] = [11, 21];

export class LatencyHistogram {
  #counts: Float64Array | undefined;

  record(micros: number): void {
    this.#counts ??= new Float64Array(buckets);
    this.#counts[bucketOf(Math.floor(micros))]! += 1;
  }

  /** The buckets that have any, by the least duration in them in microseconds. */
  *entries(): Iterable<{ readonly micros: number; readonly count: number }> {
    for (const [bucket, count] of (this.#counts ?? []).entries()) if (count > 0) yield { micros: leastOf(bucket), count };
  }
}

function bucketOf(micros: number): number {
  if (micros < 1) return 0;
  const power = Math.floor(Math.log2(micros));
  if (power < firstHalved) return power;
  if (power >= firstWhole) return Math.min(power + firstWhole - firstHalved, buckets - 1);
  return 2 * power - firstHalved + (micros >= 1.5 * 2 ** power ? 1 : 0);
}

function leastOf(bucket: number): number {
  if (bucket === 0) return 0;
  if (bucket < firstHalved) return 2 ** bucket;
  const halves = 2 * (firstWhole - firstHalved);
  if (bucket >= firstHalved + halves) return 2 ** (bucket - firstWhole + firstHalved);
  const half = bucket - firstHalved;
  return 2 ** (firstHalved + (half >> 1)) * (half % 2 === 0 ? 1 : 1.5);
}
