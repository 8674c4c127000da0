// New object ids: four bytes of seconds, five random ones of this process, three of a counter.
// Source: the BSON ObjectID specification (github.com/mongodb/specifications).

import { randomBytes, randomInt } from 'node:crypto';
import { ObjectId } from './types.ts';

const processBytes = randomBytes(5);
let counter = randomInt(0x1_00_00_00);

/** An id that no other has; the later, the larger, by the second. */
export function objectIdNow(): ObjectId {
  const bytes = new Uint8Array(12);
  const seconds = Math.floor(Date.now() / 1_000);
  counter = (counter + 1) & 0xff_ff_ff;
  bytes[0] = seconds >>> 24;
  bytes[1] = seconds >>> 16;
  bytes[2] = seconds >>> 8;
  bytes[3] = seconds;
  bytes.set(processBytes, 4);
  bytes[9] = counter >>> 16;
  bytes[10] = counter >>> 8;
  bytes[11] = counter;
  return new ObjectId(bytes);
}
