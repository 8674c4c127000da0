// What a grouper knows of one request: whose it is, what it touches, where it is under way.

/** What a request touches, by name. */
export type Touched = readonly string[] | 'all';

/** Whose order holds: one client connection. Made by `Grouper.origin`. */
export class Origin {
  /** Whose it is, among the clients that ask for the same kinds; undefined where nobody knows. */
  readonly client: number | undefined;
  /** Where its requests are under way. They must all be there, or they could overtake each other. */
  lane: Lane | undefined;
  kind: string | undefined;
  /** Requests under way or queued. */
  outstanding = 0;
  /** Of these, the ones in their kind's shared queue, that no lane has taken yet. */
  queued = 0;
  /** Requests that wait until those of another kind are answered. */
  readonly parked: { kind: string; pending: Pending }[] = [];

  constructor(client?: number) {
    this.client = client;
  }
}

/**
 * Called once with the error or the reply, in the turn in which the group's answer arrives. The request is given too, so
 * that one function can serve all of them: under load, a closure for each costs more than what it does.
 */
export type Done<Request, Reply> = (error: Error | undefined, reply: Reply | undefined, request: Request) => void;

/** A request that was made and not answered. */
export type Pending = {
  readonly request: unknown;
  readonly origin: Origin;
  readonly done: Done<unknown, unknown>;
  /** Once it was asked for (`GroupKind.touches`). */
  touched: Touched | undefined;
  /** So it turned out. */
  takesLong: boolean;
};

/** Where requests are under way, as seen from one of them (see group-lane.ts). */
export type Lane = {
  /** Requests of origins that have others under way here. */
  readonly pinned: Pending[];
  /** Sends the next group, unless one is under way or nothing waits. */
  readonly send: () => void;
};
