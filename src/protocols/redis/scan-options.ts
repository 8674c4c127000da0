// The cursor and the options that SCAN, HSCAN, SSCAN and ZSCAN share.

import { integerArgument, wordOf } from './arguments.ts';
import { matchesGlob } from './glob.ts';
import { redisErrors } from './redis-error.ts';

const defaultCount = 10;
const maximalCursor = 2n ** 64n - 1n;

export type ScanOptions = {
  readonly count: number;
  /** Whether MATCH lets the key or element pass. */
  readonly accepts: (name: Buffer) => boolean;
  /** In lower case. Only SCAN has it. */
  readonly type: string | undefined;
};

/** A cursor as `strtoul` reads it: 64 bits without a sign, a negative one wraps. */
export function parseCursor(bytes: Buffer): bigint {
  const text = bytes.toString('latin1');
  if (!/^(?:[+-]?\d+)?$/u.test(text)) throw redisErrors.invalidCursor;
  const magnitude = BigInt(text.replace(/^[+-]/u, ''));
  if (magnitude > maximalCursor) throw redisErrors.invalidCursor;
  return text.startsWith('-') ? BigInt.asUintN(64, -magnitude) : magnitude;
}

export function parseScanOptions(words: readonly Buffer[], { withType }: { readonly withType: boolean }): ScanOptions {
  let count = defaultCount;
  let pattern: Buffer | undefined;
  let type: string | undefined;
  for (let index = 0; index < words.length; index += 2) {
    const word = wordOf(words[index]);
    const value = words[index + 1];
    if (value === undefined) throw redisErrors.syntax;
    if (word === 'COUNT') {
      count = integerArgument(value);
      if (count < 1) throw redisErrors.syntax;
    } else if (word === 'MATCH') pattern = value;
    else if (word === 'TYPE' && withType) type = value.toString('latin1').toLowerCase();
    else throw redisErrors.syntax;
  }
  return { count, accepts: acceptor(pattern), type };
}

/** `*` lets everything pass, the empty name too. */
export function acceptor(pattern: Buffer | undefined): (name: Buffer) => boolean {
  if (pattern === undefined || (pattern.length === 1 && pattern[0] === 0x2a)) return () => true;
  return (name) => matchesGlob(pattern, name);
}
