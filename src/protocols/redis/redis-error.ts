// Errors as Redis clients see them: a code word and a text, both of which clients parse. Texts are those of Redis 7.0.

import { type ErrorCode, FacetError } from '../../kernel/errors.ts';
import type { Reply } from './reply.ts';

/** An error reply; the message is the whole line, with its code word in front. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** `RedisError`s that need no details, made once. */
export const redisErrors = {
  syntax: new RedisError('ERR syntax error'),
  wrongType: new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value'),
  notAnInteger: new RedisError('ERR value is not an integer or out of range'),
  notAFloat: new RedisError('ERR value is not a valid float'),
  outOfRange: new RedisError('ERR index out of range'),
  noSuchKey: new RedisError('ERR no such key'),
  notPositive: new RedisError('ERR value is out of range, must be positive'),
  stringTooLong: new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)'),
  increaseOverflow: new RedisError('ERR increment or decrement would overflow'),
  nanOrInfinity: new RedisError('ERR increment would produce NaN or Infinity'),
  minMaxNotFloat: new RedisError('ERR min or max is not a float'),
  minMaxNotString: new RedisError('ERR min or max not valid string range item'),
  timeoutNotFloat: new RedisError('ERR timeout is not a float or out of range'),
  timeoutNegative: new RedisError('ERR timeout is negative'),
  invalidCursor: new RedisError('ERR invalid cursor'),
  execAbort: new RedisError('EXECABORT Transaction discarded because of previous errors.'),
  outOfMemory: new RedisError("OOM command not allowed when used memory > 'maxmemory'."),
  noAuth: new RedisError('NOAUTH Authentication required.'),
  sameObject: new RedisError('ERR source and destination objects are the same'),
} as const satisfies Record<string, RedisError>;

/** Of a subcommand whose arguments Redis counts only when it runs, so that it can be queued. */
export function wrongSubcommand(container: string, subcommand: string): RedisError {
  return new RedisError(`ERR unknown subcommand or wrong number of arguments for '${subcommand}'. Try ${container} HELP.`);
}

/** Codes whose text is not `ERR` and the error's message. */
const texts: Partial<Record<ErrorCode, (error: FacetError) => string>> = {
  wrong_kind: () => redisErrors.wrongType.message,
  permission_denied: (error) => `NOPERM ${error.details || error.message}`,
  authentication_failed: () => 'WRONGPASS invalid username-password pair or user is disabled.',
  disk_full: (error) => `MISCONF ${error.message}`,
  read_only: () => "READONLY You can't write against a read only replica.",
  engine_unavailable: (error) => `LOADING ${error.message}`,
  limit_exceeded: (error) => `OOM ${error.message}`,
};

/** The reply for anything that a command ended with. */
export function asRedisError(error: unknown): RedisError {
  if (error instanceof RedisError) return error;
  if (!(error instanceof FacetError)) return new RedisError('ERR internal error');
  const text = texts[error.code]?.(error) ?? `ERR ${error.message}`;
  // A line ends the reply: what PostgreSQL says may have several.
  return new RedisError(text.replaceAll(/[\r\n]+/gu, ' '));
}

/** What a request's run gave: an error that it threw is its reply. */
export function asReply(reply: unknown): Reply {
  return reply instanceof Error ? asRedisError(reply) : (reply as Reply);
}
