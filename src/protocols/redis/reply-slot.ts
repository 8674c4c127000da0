// A request's place in the line of its connection's replies. Replies leave in the order of the requests, in whichever
// order they become known.

import type { RedisConnection } from './connection.ts';
import type { Reply } from './reply.ts';

export class ReplySlot {
  readonly connection: RedisConnection;
  /** CLIENT REPLY: the client does not want to hear it. */
  isMuted = false;
  reply: Reply = null;
  isDone = false;

  constructor(connection: RedisConnection) {
    this.connection = connection;
  }

  /** Called once with the reply, now or later. */
  answer(reply: Reply): void {
    this.reply = reply;
    this.isDone = true;
    this.connection.answered(this);
  }
}
