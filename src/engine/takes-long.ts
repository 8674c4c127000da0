// What a group says of requests that would keep the others waiting.

/** Thrown by `GroupKind.run` when it has done nothing, or undone it: these requests of the group take long. */
export class TakesLong extends Error {
  readonly requests: ReadonlySet<unknown>;

  constructor(requests: ReadonlySet<unknown>) {
    super('some requests of the group take long');
    this.requests = requests;
  }
}
