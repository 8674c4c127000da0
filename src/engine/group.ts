// Grouping across connections: what many clients ask for within one turn of the event loop goes to PostgreSQL as one
// group, with one commit. A lone request goes out at once; under load requests group themselves, because those that
// come while all lanes of their kind are busy leave together.
//
// The rules: an origin's own order holds; each request gets its own answer; a request that fails fails alone; a
// grouper acts as one role; sizes and queues are bounded. What a request is and which SQL a group becomes is the
// facet's affair (`GroupKind.run`).

import { assert } from '../kernel/assert.ts';
import { FacetError } from '../kernel/errors.ts';
import { engineLimits } from './limits.ts';
import type { EngineObserver } from './observer.ts';
import { Gathering } from './gathering.ts';
import type { GroupKind } from './group-kind.ts';
import { GroupLane } from './group-lane.ts';
import { type Done, Origin, type Pending } from './group-request.ts';
import { LongRequests } from './long-requests.ts';
import type { Connection } from './wire/connection.ts';

export type GrouperOptions = {
  readonly connect: () => Promise<Connection>;
  readonly observer: EngineObserver;
  readonly waiting?: number;
};

type KindState = {
  readonly lanes: readonly GroupLane[];
  readonly shared: Pending[];
  readonly long: LongRequests;
  readonly isApart: boolean;
  readonly gathering: Gathering | undefined;
};

export class Grouper {
  readonly #kinds = new Map<string, KindState>();
  readonly #waitingMax: number;
  #waiting = 0;
  #scheduled = false;
  #closed = false;

  constructor(kinds: readonly GroupKind<never, unknown>[], { connect, observer, waiting = engineLimits.groupWaiting }: GrouperOptions) {
    this.#waitingMax = waiting;
    for (const kind of kinds) {
      const shared: Pending[] = [];
      const gathering = kind.gathers === true ? new Gathering(() => this.#schedule()) : undefined;
      const long = new LongRequests();
      const ofAll = {
        kind: kind.name,
        run: kind.run as GroupKind<unknown, unknown>['run'],
        touches: kind.touches as GroupKind<unknown, unknown>['touches'],
        connect,
        observer,
        settle: (pending: Pending, error: Error | undefined, reply: unknown) => this.#settle(pending, error, reply),
        onIdle: () => this.#schedule(),
      };
      const ofLong = { ...ofAll, size: 1, isEven: false, mayOverlap: undefined, gathering: undefined, shared: long.queue, others: (lane: GroupLane) => long.lanes.filter((other) => other !== lane), long: undefined };
      for (let lane = 0; lane < (kind.longLanes ?? 0); lane++) long.lanes.push(new GroupLane(ofLong));
      const isApart = kind.touches !== undefined;
      const ofOthers = {
        ...ofAll,
        size: kind.size ?? engineLimits.groupSize,
        isEven: kind.even === true || isApart,
        mayOverlap: kind.mayOverlap,
        gathering,
        shared,
        others: (lane: GroupLane) => this.#kinds.get(kind.name)!.lanes.filter((other) => other !== lane),
        long,
      };
      const lanes = Array.from({ length: kind.lanes }, () => new GroupLane(ofOthers));
      this.#kinds.set(kind.name, { lanes, shared, long, isApart, gathering });
    }
  }

  /** Requests that were made and not answered. */
  get waiting(): number {
    return this.#waiting;
  }

  origin(client?: number): Origin {
    return new Origin(client);
  }

  /**
   * Asks for one request of a kind. `done` gets what `run` gave for it, or its error: `limit_exceeded` when too many
   * requests wait, `shutting_down`, `connection_lost`, or what PostgreSQL said of this request.
   */
  submit<Request, Reply>(origin: Origin, kind: string, request: Request, done: Done<Request, Reply>): void {
    if (this.#closed) return done(new FacetError('shutting_down'), undefined, request);
    if (this.#waiting >= this.#waitingMax) {
      return done(new FacetError('limit_exceeded', `${this.#waiting} requests wait for PostgreSQL`), undefined, request);
    }
    this.#waiting += 1;
    const pending: Pending = { request, origin, done: done as Done<unknown, unknown>, touched: undefined, takesLong: false };
    if (origin.parked.length > 0 || (origin.outstanding > 0 && origin.kind !== kind)) origin.parked.push({ kind, pending });
    else this.#enqueue(kind, pending);
  }

  /** Waits for what is under way and ends the lanes' connections; what waits still fails with `shutting_down`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { shared, long, gathering } of this.#kinds.values()) {
      gathering?.left();
      for (const pending of [...long.queue.splice(0), ...shared.splice(0)]) {
        pending.origin.queued -= 1;
        this.#settle(pending, new FacetError('shutting_down'), undefined);
      }
    }
    const lanes = [...this.#kinds.values()].flatMap(({ lanes: ofKind, long }) => [...ofKind, ...long.lanes]);
    await Promise.all(lanes.map((lane) => lane.close()));
  }

  #enqueue(kind: string, pending: Pending): void {
    const state = this.#kinds.get(kind);
    assert(state !== undefined, `a group kind ${kind}`);
    const { origin } = pending;
    origin.kind = kind;
    origin.outstanding += 1;
    if (origin.client !== undefined) state.gathering?.note(origin.client);
    // An origin that has requests in a lane stays there; what it has in the shared queue must go before. Lanes that are
    // kept apart take everything from that queue.
    if (!state.isApart && origin.lane !== undefined && origin.queued === 0) origin.lane.pinned.push(pending);
    else {
      origin.queued += 1;
      state.shared.push(pending);
    }
    this.#schedule();
  }

  #settle({ request, origin, done }: Pending, error: Error | undefined, reply: unknown): void {
    this.#waiting -= 1;
    this.#answered(origin);
    done(error, reply, request);
  }

  #answered(origin: Origin): void {
    origin.outstanding -= 1;
    if (origin.outstanding > 0) return;
    origin.lane = undefined;
    origin.kind = undefined;
    if (this.#closed) return this.#failParked(origin);
    // Those of one kind at the head of the line go together.
    const kind = origin.parked[0]?.kind;
    while (origin.parked[0] !== undefined && origin.parked[0].kind === kind) {
      const { pending } = origin.parked.shift()!;
      this.#enqueue(kind!, pending);
    }
  }

  #failParked(origin: Origin): void {
    const parked = origin.parked.splice(0);
    origin.outstanding += parked.length;
    for (const { pending } of parked) this.#settle(pending, new FacetError('shutting_down'), undefined);
  }

  /** Sends at the end of this turn, when all sockets that are readable now have been read. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const { lanes, long } of this.#kinds.values()) {
        for (const lane of lanes) lane.send();
        for (const lane of long.lanes) lane.send();
      }
    });
  }
}
