// Cursors that hold a connection of a role's pool between two batches. A client may leave as many cursors open as it likes;
// the connections that they hold are few. Beyond that the one that has waited longest is read to its end into memory, as
// far as that goes, and gives its connection back.

import type { DocumentError } from '../errors.ts';

/** Of one role; its pool has twenty connections. */
const mostHeld = 8;

export type Holder = {
  /** Reads the rest and gives the connection back; it is not asked for while a batch is fetched. */
  readonly letGo: () => Promise<void>;
  /** Gives the connection back at once; who asks for more gets the error. Not while a batch is fetched, either. */
  readonly end: (error: DocumentError) => Promise<void>;
  /** That of its connection, in PostgreSQL. */
  readonly processId: () => number | undefined;
};

export class HeldConnections {
  readonly #holders = new Map<string, Set<Holder>>();

  /** A cursor has a connection and waits for its client. */
  async held(role: string, holder: Holder): Promise<void> {
    let holders = this.#holders.get(role);
    if (holders === undefined) {
      holders = new Set();
      this.#holders.set(role, holders);
    }
    // Added anew: the set's order is that of the last use.
    holders.delete(holder);
    holders.add(holder);
    if (holders.size <= mostHeld) return;
    const [oldest] = holders;
    if (oldest === undefined) return;
    holders.delete(oldest);
    await oldest.letGo();
  }

  get isEmpty(): boolean {
    return this.#holders.size === 0;
  }

  /** Those on certain connections; who takes them makes them give those back. */
  take(processIds: ReadonlySet<number>): Holder[] {
    const taken: Holder[] = [];
    for (const [role, holders] of this.#holders) {
      for (const holder of holders) {
        const processId = holder.processId();
        if (processId === undefined || !processIds.has(processId)) continue;
        this.released(role, holder);
        taken.push(holder);
      }
    }
    return taken;
  }

  /** It is in use, or needs no connection any more. */
  released(role: string, holder: Holder): void {
    const holders = this.#holders.get(role);
    holders?.delete(holder);
    if (holders?.size === 0) this.#holders.delete(role);
  }
}
