// A request that was let through: what it asks for, what is measured of it, and where its reply goes.

import type { Command } from './command.ts';
import type { RedisConnection } from './connection.ts';
import type { ReplySlot } from './reply-slot.ts';
import type { Reply } from './reply.ts';

export class RunningRequest {
  readonly connection: RedisConnection;
  readonly command: Command;
  /** With the command's name. */
  readonly words: readonly Buffer[];
  readonly #slot: ReplySlot;
  /** Of `performance.now()`: when it came, and when it began to run, with its group. */
  readonly receivedAt = performance.now();
  startedAt = this.receivedAt;

  constructor({ connection, command, words, slot }: { readonly connection: RedisConnection; readonly command: Command; readonly words: readonly Buffer[]; readonly slot: ReplySlot }) {
    this.connection = connection;
    this.command = command;
    this.words = words;
    this.#slot = slot;
  }

  /** Called once. */
  answer(reply: Reply): void {
    this.connection.server.requestDone(this, reply);
    this.#slot.answer(reply);
  }
}
