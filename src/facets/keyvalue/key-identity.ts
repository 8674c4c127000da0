// How a key is known in the store. A B-tree entry holds about 2,700 bytes and a Redis key may have 512 MB: a long key
// is known by its first bytes followed by its SHA-256, which makes it longer than any short one, so no two meet.
// The SQL function `facetdb.key_identity` computes the same.

import { createHash } from 'node:crypto';
import { keyvalueLimits } from './limits.ts';

const digestBytes = 32;
const prefixBytes = keyvalueLimits.identityBytes + 1 - digestBytes;

/** The identity of a key: itself up to `identityBytes`. */
export function keyIdentity(key: Buffer): Buffer {
  if (key.length <= keyvalueLimits.identityBytes) return key;
  return Buffer.concat([key.subarray(0, prefixBytes), createHash('sha256').update(key).digest()]);
}

export function isLongKey(key: Buffer): boolean {
  return key.length > keyvalueLimits.identityBytes;
}
