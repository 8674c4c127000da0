// Snapshots for reads outside of transactions (read concern "snapshot"): each holds a connection, and is known by its time, which the first read's reply tells and later ones ask for. They are few: the one that was
// not used for the longest makes room. Source: MongoDB's manual, "Read Concern snapshot"; the drivers' specification "Snapshot Reads".

import { DocumentError, type StoreSnapshot } from '../../facets/documents/index.ts';
import type { Timestamp } from '../../values/bson/types.ts';
import { mongodbLimits } from './limits.ts';

export type Snapshot = { readonly time: Timestamp; readonly store: StoreSnapshot };

type Held = Snapshot & { readonly madeMs: number };

export class Snapshots {
  /** By role and time, in the order of their last use. */
  readonly #held = new Map<string, Held>();

  /** Keeps one that was taken now. */
  async keep(time: Timestamp, store: StoreSnapshot): Promise<Snapshot> {
    this.#held.set(keyOf(store.role, time), { time, store, madeMs: Date.now() });
    const own = [...this.#held.values()].filter((held) => held.store.role === store.role);
    if (own.length > mongodbLimits.snapshots) await this.close(own[0]!);
    return { time, store };
  }

  /** One that was opened. Throws DocumentError: SnapshotTooOld. */
  find(role: string, time: Timestamp): Snapshot {
    const key = keyOf(role, time);
    const held = this.#held.get(key);
    if (held === undefined) throw new DocumentError('SnapshotTooOld', `Read timestamp ${time.value >> 32n}, ${time.value & 0xffff_ffffn} is older than the oldest available timestamp.`);
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  async close({ time, store }: Snapshot): Promise<void> {
    this.#held.delete(keyOf(store.role, time));
    await store.close();
  }

  /** Ends those that are too old. */
  async reap(): Promise<void> {
    const before = Date.now() - mongodbLimits.snapshotLifetimeMs;
    for (const held of this.#held.values()) if (held.madeMs < before) await this.close(held);
  }

  async closeAll(): Promise<void> {
    for (const held of this.#held.values()) await this.close(held);
  }
}

function keyOf(role: string, time: Timestamp): string {
  return `${time.value}/${role}`;
}
