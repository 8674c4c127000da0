// A grouper for each role that asks (see group.ts: a grouper acts as one role). Those that nobody used for a while are
// closed, as their lanes hold connections.

import type { Connection } from './wire/connection.ts';
import { Grouper } from './group.ts';
import type { GroupKind } from './group-kind.ts';
import type { EngineObserver } from './observer.ts';

export type RoleGroupsOptions = {
  readonly connect: (role: string) => Promise<Connection>;
  readonly observer: EngineObserver;
  readonly kinds: readonly GroupKind<never, unknown>[];
};

const idleMs = 60_000;

export class RoleGroups {
  readonly #options: RoleGroupsOptions;
  readonly #roles = new Map<string, { readonly grouper: Grouper; lastUsedMs: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: RoleGroupsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#closeIdle(), idleMs).unref();
  }

  of(role: string): Grouper {
    const known = this.#roles.get(role);
    if (known !== undefined) {
      known.lastUsedMs = Date.now();
      return known.grouper;
    }
    const { connect, observer, kinds } = this.#options;
    const grouper = new Grouper(kinds, { connect: () => connect(role), observer });
    this.#roles.set(role, { grouper, lastUsedMs: Date.now() });
    return grouper;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#roles.values()].map(({ grouper }) => grouper.close()));
    this.#roles.clear();
  }

  #closeIdle(): void {
    const before = Date.now() - idleMs;
    for (const [role, { grouper, lastUsedMs }] of this.#roles) {
      if (lastUsedMs > before || grouper.waiting > 0) continue;
      this.#roles.delete(role);
      void grouper.close();
    }
  }
}
