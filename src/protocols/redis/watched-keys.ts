// The keys that clients of this server watch. EXEC compares versions, which every gateway and SQL change; a change that
// left no trace (a key created and deleted again) is noticed here when it came through this server.

import type { KeyEvent, KeyVersion } from '../../facets/keyvalue/index.ts';

/** A key as it was when WATCH saw it; a version of undefined: there was none. */
export type WatchedKey = { readonly space: number; readonly key: Buffer; version: KeyVersion | undefined; isTouched: boolean };

export class WatchedKeys {
  readonly #byName = new Map<string, Set<WatchedKey>>();

  add(watched: WatchedKey): void {
    const name = watchedName(watched);
    const others = this.#byName.get(name);
    if (others === undefined) this.#byName.set(name, new Set([watched]));
    else others.add(watched);
  }

  remove(watched: WatchedKey): void {
    const name = watchedName(watched);
    const others = this.#byName.get(name);
    others?.delete(watched);
    if (others?.size === 0) this.#byName.delete(name);
  }

  /** What happened to keys, after it was committed. */
  happened(events: readonly KeyEvent[]): void {
    if (this.#byName.size === 0) return;
    for (const event of events) {
      // An expiry alone does not count: a client that watches a key past its end sees no key either way.
      if (event.type === 'x' || event.type === 'm') continue;
      for (const watched of this.#byName.get(watchedName(event)) ?? []) watched.isTouched = true;
    }
  }
}

/** Tells keys of all databases from each other. */
export function watchedName({ space, key }: { readonly space: number; readonly key: Buffer }): string {
  return `${space}:${key.toString('latin1')}`;
}
