// The units of work that earlier rounds left behind, and what is wrong with those that are there now.

import type { Journal } from './journal.ts';

export class SettledUnits {
  readonly #settled = new Set<number>();

  /** Holds the units that are there against the journal, and takes them for what must stay. */
  violations(ids: Iterable<number>, journal: Journal): string[] {
    const violations: string[] = [];
    const present = new Set<number>();
    for (const id of ids) {
      if (present.has(id)) violations.push(`unit ${id} is there twice`);
      present.add(id);
      const fate = journal.fateOf(id);
      if (fate !== 'acknowledged' && fate !== 'asked' && !this.#settled.has(id)) violations.push(`unit ${id} is there, and it is ${fate ?? 'not known'}`);
    }
    for (const id of [...this.#settled, ...journal.idsOf('acknowledged')]) if (!present.has(id)) violations.push(`unit ${id} was acknowledged and is missing`);
    for (const id of present) this.#settled.add(id);
    return violations;
  }
}
