// The options of SET and GETEX, and what all string commands with an expiry have in common.

import { type ExpiryTime, expiryTimeOf } from '../../facets/keyvalue/index.ts';
import { integerArgument, wordOf, bigintArgument } from './arguments.ts';
import { RedisError, redisErrors } from './redis-error.ts';

const int64Max = 2n ** 63n - 1n;

/** How a time is given: for so long, or until then; in seconds or milliseconds. */
export type ExpiryForm = 'EX' | 'PX' | 'EXAT' | 'PXAT';

export type SetOptions = {
  readonly condition: 'NX' | 'XX' | undefined;
  readonly returnsOld: boolean;
  readonly keepsExpiry: boolean;
  readonly persists: boolean;
  readonly expiry: { readonly form: ExpiryForm; readonly time: Buffer } | undefined;
};

/** Reads the options in Redis's way: each pair that excludes each other is a syntax error. */
export function parseSetOptions(words: readonly Buffer[], command: 'set' | 'getex'): SetOptions {
  const forSet = command === 'set';
  let condition: SetOptions['condition'];
  let returnsOld = false;
  let keepsExpiry = false;
  let persists = false;
  let expiry: SetOptions['expiry'];
  for (let index = 0; index < words.length; index++) {
    const word = wordOf(words[index]);
    if ((word === 'NX' || word === 'XX') && forSet && (condition ?? word) === word) condition = word;
    else if (word === 'GET' && forSet) returnsOld = true;
    else if (word === 'KEEPTTL' && forSet && !persists && expiry === undefined) keepsExpiry = true;
    else if (word === 'PERSIST' && !forSet && !keepsExpiry && expiry === undefined) persists = true;
    else if (isExpiryForm(word) && !keepsExpiry && !persists && (expiry?.form ?? word) === word && index + 1 < words.length) expiry = { form: word, time: words[++index]! };
    else throw redisErrors.syntax;
  }
  return { condition, returnsOld, keepsExpiry, persists, expiry };
}

function isExpiryForm(word: string): word is ExpiryForm {
  return word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT';
}

/** When a value expires. Errors: not an integer; not positive or beyond 64 bits. */
export function expiryTime(bytes: Buffer, form: ExpiryForm, { command, nowMs }: { readonly command: string; readonly nowMs: number }): ExpiryTime {
  const given = bigintArgument(bytes);
  const time = (form.startsWith('EX') ? given * 1000n : given) + (form.endsWith('AT') ? 0n : BigInt(nowMs));
  if (given <= 0n || time > int64Max) throw invalidExpireTime(command);
  return expiryTimeOf(time);
}

export function invalidExpireTime(command: string): RedisError {
  return new RedisError(`ERR invalid expire time in '${command}' command`);
}

/** Errors: longer than `proto-max-bulk-len`. */
export function checkStringLength(length: number, limit: number): void {
  if (length > limit) throw redisErrors.stringTooLong;
}

/** A range's ends. */
export function rangeArguments(start: Buffer, end: Buffer): { readonly start: number; readonly end: number } {
  return { start: integerArgument(start), end: integerArgument(end) };
}
