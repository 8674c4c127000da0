// A request that may wait (BLPOP and its like): the connection reads no further while it is under way, and it ends
// with a reply of the store, its timeout, CLIENT UNBLOCK, or the connection.

import { Waiter } from '../../facets/keyvalue/index.ts';
import type { RedisConnection } from './connection.ts';
import { redisLimits } from './limits.ts';
import { RedisError, asRedisError } from './redis-error.ts';
import type { Reply } from './reply.ts';

const unblocked = new RedisError('UNBLOCKED client unblocked via CLIENT UNBLOCK');

export class BlockingRequest {
  readonly waiter: Waiter;
  readonly #connection: RedisConnection;
  readonly #done: (reply: Reply) => void;
  readonly #startedAtMs = Date.now();
  #state: 'under way' | 'waiting' | 'over' = 'under way';
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: RedisConnection, done: (reply: Reply) => void) {
    this.#connection = connection;
    this.#done = done;
    this.waiter = new Waiter((error, reply) => this.end((error === undefined ? reply : asRedisError(error)) as Reply));
  }

  /** The client is blocked, as CLIENT LIST and INFO tell. */
  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  /** The command found nothing. */
  wait(): void {
    // Another request of its group may have served it at once.
    if (this.#state !== 'under way') return;
    this.#state = 'waiting';
    if (this.#connection.isClosing) return this.#connection.closeAfterReplies();
    if (this.waiter.blocked!.timeoutMs > 0) this.#watchTime();
  }

  end(reply: Reply): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#connection.blockingEnded(this);
    this.#done(reply);
  }

  /** CLIENT UNBLOCK: ends the wait as if by timeout, or with an error; false when the client does not wait. */
  unblock(how: 'timeout' | 'error'): boolean {
    if (!this.isWaiting || !this.#connection.store!.stopWaiting(this.waiter)) return false;
    this.end(how === 'error' ? unblocked : (this.waiter.blocked!.timeoutReply as Reply));
    return true;
  }

  /** The connection is gone, or is about to be. */
  abandon(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#connection.store!.abandon(this.waiter);
  }

  #watchTime(): void {
    const left = this.#startedAtMs + this.waiter.blocked!.timeoutMs - Date.now();
    this.#timer = setTimeout(() => this.#timePassed(), Math.min(Math.max(left, 0), redisLimits.timerMs));
  }

  #timePassed(): void {
    if (this.#startedAtMs + this.waiter.blocked!.timeoutMs > Date.now()) return this.#watchTime();
    // What is on its way to it would be lost: it comes, or its group fails and the client is to be unblocked then.
    if (!this.unblock('timeout')) this.#timer = setTimeout(() => this.#timePassed(), redisLimits.servedCheckMs);
  }
}
