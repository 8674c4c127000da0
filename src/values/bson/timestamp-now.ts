// New timestamps, as MongoDB's logical clock gives them to empty ones that are stored.

import { Timestamp } from './types.ts';

let second = 0;
let increment = 0;

/** A timestamp of this second, later than all that this process has given before. */
export function timestampNow(): Timestamp {
  const now = Math.floor(Date.now() / 1_000);
  increment = now > second ? 1 : increment + 1;
  second = Math.max(second, now);
  return new Timestamp((BigInt(second) << 32n) | BigInt(increment));
}
