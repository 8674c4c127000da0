// A request that was let through: what it asks for, what is measured of it, and where its reply goes.

import type { Buffer } from 'node:buffer';
import type { Command } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { ReplySlot } from './reply-slot.ts';
import type { Reply } from './reply.ts';

export class RunningRequest extends ReplySlot {
  readonly command: Command;
  /** With the command's name. */
  readonly words: readonly Buffer[];
  /** Of `performance.now()`: when it came, and when it began to run, with its group. */
  readonly receivedAt: number;
  startedAt: number;

  constructor(connection: RedisConnection, command: Command, words: readonly Buffer[]) {
    super(connection);
    this.command = command;
    this.words = words;
    this.receivedAt = connection.lastRequestAt;
    this.startedAt = connection.lastRequestAt;
  }

  /** Answers what was carried out, and counts it. */
  done(reply: Reply): void {
    this.connection.server.requestDone(this, reply);
    this.answer(reply);
  }
}
