// Relations as they were a moment ago, for each role: what changes is seen after that moment.

import type { Relation } from './relation.ts';
import { relationalLimits } from './limits.ts';

type Entry = { readonly relation: Relation; readonly untilMs: number };
type Sought = { readonly role: string; readonly schema: string; readonly name: string };

export class RelationCache {
  readonly #entries = new Map<string, Entry>();
  /** Being read now: all who ask meanwhile wait for the one answer. */
  readonly #reading = new Map<string, Promise<Relation>>();

  /** `read` is asked where nothing is known. Errors: those of `read`. */
  find({ role, schema, name }: Sought, read: () => Promise<Relation>): Relation | Promise<Relation> {
    const key = `${role}\0${schema}\0${name}`;
    const known = this.#entries.get(key);
    const now = Date.now();
    if (known !== undefined && known.untilMs > now) return known.relation;
    let reading = this.#reading.get(key);
    if (reading === undefined) {
      reading = this.#read(key, read).finally(() => this.#reading.delete(key));
      this.#reading.set(key, reading);
    }
    if (known === undefined || known.untilMs + relationalLimits.relationKeptMs <= now) return reading;
    // It was asked for a moment ago: whoever comes while it is read anew need not wait. Errors reach those who wait.
    reading.catch(() => this.#entries.delete(key));
    return known.relation;
  }

  async #read(key: string, read: () => Promise<Relation>): Promise<Relation> {
    const relation = await read();
    if (this.#entries.size >= relationalLimits.keptRelations) this.#entries.clear();
    this.#entries.set(key, { relation, untilMs: Date.now() + relationalLimits.relationKeptMs });
    return relation;
  }
}
