// Commands on keys for who has no connection: a program that FacetDB runs in, an HTTP client. The same rows of the registry
// as for Redis clients, over the same store.

import type { StoreTransaction } from '../../access/shared-transactions.ts';
import { Blocked, keyvalueLimits, type KeyOrigin, type KeyRequest, type KeyStore, type KeyValue } from '../../facets/keyvalue/index.ts';
import { FacetError } from '../../kernel/errors.ts';
import { type KeyClient, argumentsOf, isLong, isWrite, keysOf, noteAccesses } from './command.ts';
import { Configuration } from './configuration.ts';
import { resolveCommand } from './dispatcher.ts';
import { RedisError } from './redis-error.ts';
import { type PlainReply, plainReply } from './plain-reply.ts';
import type { Reply } from './reply.ts';

export type KeyCommandOptions = {
  /** The database's number, from 0. */
  readonly space: number;
  readonly transaction?: StoreTransaction | undefined;
};

/** The commands of one role; they take effect in the order in which they were asked for. */
export class KeyCommands {
  readonly #keyvalue: KeyValue;
  readonly #store: KeyStore;
  readonly #origin: KeyOrigin;
  readonly #client: KeyClient;

  constructor(keyvalue: KeyValue, role: string) {
    const configuration = new Configuration();
    this.#keyvalue = keyvalue;
    this.#store = keyvalue.store(role);
    this.#origin = this.#store.origin();
    // RESP3's replies tell maps and numbers from lists and texts.
    this.#client = { protocol: 3, server: { configuration, bulkBytes: configuration.integer('proto-max-bulk-len'), keyvalue } };
  }

  /**
   * `request` is the command's name and its arguments. Nothing waits: BLPOP and its like answer at once, as in MULTI.
   * Errors: `key_refused` with Redis's text, `wrong_kind`, and those of the store.
   */
  async run(request: readonly Buffer[], { space, transaction }: KeyCommandOptions): Promise<PlainReply> {
    try {
      return plainReply(await this.#run(request, { space, transaction }));
    } catch (error) {
      throw error instanceof RedisError ? new FacetError('key_refused', error.message, { cause: error }) : error;
    }
  }

  async #run(request: readonly Buffer[], { space, transaction }: KeyCommandOptions): Promise<Reply> {
    const [name] = request;
    if (name === undefined) throw new RedisError('ERR an empty command');
    if (!Number.isInteger(space) || space < 0 || space >= keyvalueLimits.databases) throw new RedisError('ERR DB index is out of range');
    const command = resolveCommand(request);
    if ('unsupported' in command) throw new RedisError(`ERR ${command.name.replace('|', ' ')} is not supported: ${command.unsupported}`);
    if (!('run' in command)) throw new RedisError(`ERR ${command.name.replace('|', ' ')} needs the connection of a Redis client`);
    if (!this.#keyvalue.isPrepared(space)) await this.#keyvalue.prepareSpace(space);
    const args = argumentsOf(command, request);
    const touchesAll = typeof command.allKeys === 'function' ? command.allKeys(args) : command.allKeys === true;
    const keyRequest: KeyRequest = {
      space,
      keys: touchesAll ? 'all' : keysOf(command, request),
      rowsOnly: command.rowsOnly === true,
      isLong: isLong(request),
      isBlind: typeof command.blind === 'function' ? command.blind(args) : command.blind === true,
      run: (unit) => {
        const reply = command.run({ unit, space, connection: this.#client, inTransaction: true }, args);
        return reply instanceof Blocked ? reply.timeoutReply : reply;
      },
    };
    noteAccesses(command, keysOf(command, request), { space, connection: this.#client });
    const mode = isWrite(command) ? 'write' : 'read';
    const reply = await new Promise<Reply>((resolve, reject) => {
      const done = (error: Error | undefined, answer: unknown): void => (error === undefined ? resolve(answer as Reply) : reject(error));
      if (transaction === undefined) this.#store.submit(this.#origin, mode, keyRequest, done);
      else this.#store.submitWithin(transaction, mode, keyRequest, done);
    });
    if (reply instanceof Error) throw reply;
    return reply;
  }
}
