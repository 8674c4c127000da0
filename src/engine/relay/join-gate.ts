// Watches what a SQL client asks of its own session for the statement by which it joins another's transaction. Where the token is
// good, the function in PostgreSQL gets the session's own secret instead of it: that it returns; for anything else it has an error.

import type { StoreTransaction } from '../store-transaction.ts';
import { bind, frontend, parse, query, readBind, readOnlyParameter, readParse, readQuery, readTarget, withOnlyParameter } from './frontend-messages.ts';
import { tokenOf } from './joining-statements.ts';
import type { PreparedTexts } from './prepared-texts.ts';

export type JoinGateOptions = {
  /** What `facetdb.join_transaction` takes for granted. */
  readonly secret: string;
  /** The transaction of a token, for this session's role; undefined where there is none, or the session may not join. */
  readonly find: (token: string) => StoreTransaction | undefined;
  readonly texts: PreparedTexts;
};

export class JoinGate {
  readonly #options: JoinGateOptions;
  /** Prepared statements that join, by name: with their parameter, or with a token of their own. */
  readonly #joining = new Map<string, StoreTransaction | 'parameter'>();
  /** Joined as soon as what is under way has been answered. */
  wanted: StoreTransaction | undefined;

  constructor(options: JoinGateOptions) {
    this.#options = options;
  }

  /** The message that PostgreSQL gets for it. Throws for a message that cannot be read. */
  pass(type: number, message: Buffer): Buffer {
    switch (type) {
      case frontend.query:
        return this.#query(message);
      case frontend.parse:
        return this.#parse(message);
      case frontend.bind:
        return this.#joining.size === 0 ? message : this.#bind(message);
      case frontend.close:
        this.#close(message);
    }
    return message;
  }

  #query(message: Buffer): Buffer {
    // Most statements are told from it without being read.
    if (!message.includes('transaction')) return message;
    const text = readQuery(message);
    const sought = tokenOf(text);
    if (sought === undefined || sought === 'parameter') return message;
    this.wanted = this.#options.find(sought.token);
    return this.wanted === undefined ? message : query(text.replace(sought.token, this.#options.secret));
  }

  #parse(message: Buffer): Buffer {
    const statement = readParse(message);
    const { name, text } = statement;
    if (name !== '') this.#options.texts.remember(statement, true);
    this.#joining.delete(name);
    const sought = tokenOf(text);
    if (sought === undefined) return message;
    if (sought === 'parameter') {
      this.#joining.set(name, sought);
      return message;
    }
    const transaction = this.#options.find(sought.token);
    if (transaction === undefined) return message;
    this.#joining.set(name, transaction);
    return parse({ ...statement, text: text.replace(sought.token, this.#options.secret) });
  }

  #bind(message: Buffer): Buffer {
    const bound = readBind(message);
    const joining = this.#joining.get(bound.statement);
    if (joining === undefined) return message;
    if (joining !== 'parameter') {
      this.wanted = joining;
      return message;
    }
    const token = readOnlyParameter(bound);
    this.wanted = token === undefined ? undefined : this.#options.find(token);
    return this.wanted === undefined ? message : bind(withOnlyParameter(bound, this.#options.secret));
  }

  #close(message: Buffer): void {
    const { kind, name } = readTarget(message);
    if (kind !== 'statement') return;
    this.#joining.delete(name);
    this.#options.texts.forget(name);
  }
}
