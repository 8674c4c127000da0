// The statements that a client has prepared by name, so that they can be prepared once more in another session. A bounded number:
// what was forgotten is not there for whoever comes into another session with it.

import type { Parse } from './frontend-messages.ts';
import { relayLimits } from './limits.ts';

export class PreparedTexts {
  readonly #byName = new Map<string, Parse>();
  /** Those that were prepared in another session only. */
  readonly #elsewhere = new Set<string>();

  /** `isOwn`: it was prepared in the client's own session. */
  remember(statement: Parse, isOwn: boolean): void {
    this.#byName.delete(statement.name);
    this.#byName.set(statement.name, statement);
    if (isOwn) this.#elsewhere.delete(statement.name);
    else this.#elsewhere.add(statement.name);
    if (this.#byName.size <= relayLimits.keptStatements) return;
    const [oldest] = this.#byName.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  /** What is to be prepared for the client's own session; from then on it is known there. */
  *elsewhere(): Generator<Parse> {
    for (const name of this.#elsewhere) yield this.#byName.get(name)!;
    this.#elsewhere.clear();
  }

  find(name: string): Parse | undefined {
    return this.#byName.get(name);
  }

  forget(name: string): void {
    this.#byName.delete(name);
    this.#elsewhere.delete(name);
  }
}
