// Reads arguments as Redis does, with its error texts.

import { redisLimits } from './limits.ts';
import { parseFloat64, parseInt64 } from './numbers.ts';
import { RedisError, redisErrors } from './redis-error.ts';

/** A 64-bit integer. */
export function bigintArgument(bytes: Buffer, error: RedisError = redisErrors.notAnInteger): bigint {
  const value = parseInt64(bytes);
  if (value === undefined) throw error;
  return value;
}

/** An integer that a double holds exactly enough for counts and indexes: beyond 2^53 it is rounded, never wrapped. */
export function integerArgument(bytes: Buffer, error: RedisError = redisErrors.notAnInteger): number {
  return Number(bigintArgument(bytes, error));
}

/** A count that may not be negative, with one error for everything that is none (SPOP, ZPOPMIN). */
export function positiveArgument(bytes: Buffer, error: RedisError = redisErrors.notPositive): number {
  const value = integerArgument(bytes, error);
  if (value < 0) throw error;
  return value;
}

const longRange = 'value is out of range, value must between -9223372036854775807 and 9223372036854775807';

/** A number of random elements: a negative one allows repeats. */
export function randomCountArgument(bytes: Buffer): number {
  const value = bigintArgument(bytes);
  if (value === -(2n ** 63n)) throw new RedisError(`ERR ${longRange}`);
  // DIFFERS: Redis begins a reply of any length and dies of it.
  if (value < -BigInt(redisLimits.repeatedElements)) throw new RedisError('ERR value is out of range');
  return Number(value);
}

export function floatArgument(bytes: Buffer, error: RedisError = redisErrors.notAFloat): number {
  const value = parseFloat64(bytes);
  if (value === undefined) throw error;
  return value;
}

/** An option's or subcommand's word in upper case. */
export function wordOf(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : bytes.toString('latin1').toUpperCase();
}
