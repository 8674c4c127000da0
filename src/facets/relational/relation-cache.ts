// Relations as they were a moment ago, for each role: what changes is seen after that moment.

import { FacetError } from '../../kernel/errors.ts';
import type { Relation } from './relation.ts';
import { relationalLimits } from './limits.ts';

type Entry = { readonly relation: Relation; readonly untilMs: number };

export class RelationCache {
  readonly #entries = new Map<string, Entry>();

  /** `read` is asked where nothing is known. Errors: `object_unknown`, those of `read`. */
  async find({ role, schema, name }: { readonly role: string; readonly schema: string; readonly name: string }, read: () => Promise<Relation | undefined>): Promise<Relation> {
    const key = `${role}\0${schema}\0${name}`;
    const known = this.#entries.get(key);
    if (known !== undefined && known.untilMs > Date.now()) return known.relation;
    const relation = await read();
    if (relation === undefined) throw new FacetError('object_unknown', `there is no "${schema}"."${name}"`);
    if (this.#entries.size >= relationalLimits.keptRelations) this.#entries.clear();
    this.#entries.set(key, { relation, untilMs: Date.now() + relationalLimits.relationKeptMs });
    return relation;
  }
}
