// The catalog as it was a moment ago. What other gateways and SQL change is seen after that moment; what this one
// changes, at once.

import type { Connection } from '../../../engine/client.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { assertReadable } from '../tables/table.ts';
import { type CollectionInfo, readCollection } from './catalog.ts';
import { namespaceOf } from './names.ts';

const keptMs = 1_000;
const keptEntries = 10_000;

/** Only what is there: another may make what is not at any time, and expect it to be seen. */
type Entry = { readonly info: CollectionInfo; readonly untilMs: number };

export class CatalogCache {
  readonly #entries = new Map<string, Entry>();

  /** The collection or view; undefined where there is none. `isFresh`: past doubt, as a transaction sees it. */
  async find(connection: Connection, target: CollectionName, isFresh = false): Promise<CollectionInfo | undefined> {
    const key = namespaceOf(target);
    const known = this.#entries.get(key);
    if (!isFresh && known !== undefined && known.untilMs > Date.now()) return known.info;
    const info = await readCollection(connection, target);
    if (info?.table !== undefined) assertReadable(info.table);
    if (isFresh || info === undefined) return info;
    if (this.#entries.size >= keptEntries) this.#entries.clear();
    this.#entries.set(key, { info, untilMs: Date.now() + keptMs });
    return info;
  }

  /** What is known without asking; undefined where nothing is. */
  peek(target: CollectionName): CollectionInfo | undefined {
    const known = this.#entries.get(namespaceOf(target));
    return known !== undefined && known.untilMs > Date.now() ? known.info : undefined;
  }

  forget(target: CollectionName): void {
    this.#entries.delete(namespaceOf(target));
  }

  forgetAll(): void {
    this.#entries.clear();
  }
}
