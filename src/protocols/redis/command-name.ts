// The names of commands as clients write them. Nearly every request begins with one of a few: the same bytes are the same
// buffer each time, so that they are neither copied nor looked up by their text for each request.

import { Buffer } from 'node:buffer';

const longest = 32;
/** One name a slot: others with its length and ends take its place. */
const slots: Buffer[] = Array.from({ length: 256 }, () => Buffer.alloc(0));

/** The bytes from `start` on as a command's name, in memory of its own. */
export function commandName(bytes: Buffer, start: number, length: number): Buffer {
  if (length === 0 || length > longest) return bytes.subarray(start, start + length);
  const slot = (length * 31 + bytes[start]! * 7 + bytes[start + length - 1]!) & 255;
  const known = slots[slot]!;
  if (isSame(known, bytes, start, length)) return known;
  return (slots[slot] = Buffer.from(bytes.subarray(start, start + length)));
}

function isSame(known: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
