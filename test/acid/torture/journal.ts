// What the clients know of their own units of work, kept in the memory of a process that is not killed. It is held against
// the store afterwards.

/**
 * - `open`: begun, COMMIT not sent. It must not be in the store once its connection is gone.
 * - `asked`: COMMIT sent, no answer. It is in the store whole or not at all.
 * - `acknowledged`: the store said yes. It must be there.
 * - `undone`: rolled back, or refused with an error. It must not be there.
 */
export type Fate = 'open' | 'asked' | 'acknowledged' | 'undone';

export class Journal {
  readonly #fates = new Map<number, Fate>();
  #lastId = 0;

  /** Begins a unit of work and gives it a number that no other one has or had. */
  begin(): number {
    this.#lastId += 1;
    this.#fates.set(this.#lastId, 'open');
    return this.#lastId;
  }

  set(id: number, fate: Fate): void {
    this.#fates.set(id, fate);
  }

  get lastId(): number {
    return this.#lastId;
  }

  idsOf(fate: Fate): number[] {
    return [...this.#fates].flatMap(([id, each]) => (each === fate ? [id] : []));
  }

  fateOf(id: number): Fate | undefined {
    return this.#fates.get(id);
  }

  /** Forgets the units whose fate has been checked, so that a long run does not grow without end. */
  clear(): void {
    this.#fates.clear();
  }
}
