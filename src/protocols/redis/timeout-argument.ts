// The timeout of a request that may wait.

import { parseLongDouble } from './long-double.ts';
import { parseFloat64 } from './numbers.ts';
import { redisErrors } from './redis-error.ts';

const timeoutLimit = 2 ** 63;

/** Seconds, with a fraction, as milliseconds; 0: for ever. */
export function timeoutArgument(bytes: Buffer): number {
  if (parseLongDouble(bytes) === undefined) throw redisErrors.timeoutNotFloat;
  const seconds = parseFloat64(bytes) ?? Number.POSITIVE_INFINITY;
  const timeoutMs = Math.ceil(seconds * 1000);
  // Redis's conversion to an integer makes what is too large negative.
  if (timeoutMs < 0 || timeoutMs >= timeoutLimit) throw redisErrors.timeoutNegative;
  return timeoutMs;
}
