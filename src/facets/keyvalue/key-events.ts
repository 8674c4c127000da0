// What happened to keys in a unit of work, for keyspace notifications. Requests run as soon as what they lack is there, so that one may run after others
// that came later and touch other keys; what happened is told in the order in which they came.

export type KeyEvent = { readonly space: number; readonly type: string; readonly event: string; readonly key: Buffer };

export class KeyEvents {
  #noted: (KeyEvent & { readonly turn: number })[] = [];
  /** The number of the request that runs. */
  turn = 0;

  get length(): number {
    return this.#noted.length;
  }

  note(space: number, type: string, event: string, key: Buffer): void {
    this.#noted.push({ space, type, event, key, turn: this.turn });
  }

  /** Notes them before those that were noted after the first so many. */
  insert(after: number, events: readonly KeyEvent[]): void {
    const later = this.#noted.splice(after);
    for (const event of events) this.#noted.push({ ...event, turn: this.turn });
    // One by one: a call takes no hundred thousand arguments.
    for (const event of later) this.#noted.push(event);
  }

  inOrder(): readonly KeyEvent[] {
    const noted = this.#noted;
    const isInOrder = noted.every(({ turn }, index) => index === 0 || noted[index - 1]!.turn <= turn);
    return isInOrder ? noted : noted.toSorted((left, right) => left.turn - right.turn);
  }
}
