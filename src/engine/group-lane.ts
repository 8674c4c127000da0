// One lane of a grouper: a connection of its own that serves one group after the other.

import { assert } from '../kernel/assert.ts';
import { FacetError, isFacetError } from '../kernel/errors.ts';
import { Touches, takeApart } from './apart.ts';
import type { Gathering } from './gathering.ts';
import type { GroupKind } from './group-kind.ts';
import type { Lane, Pending, Touched } from './group-request.ts';
import type { EngineObserver } from './observer.ts';
import { engineLimits } from './limits.ts';
import { TakesLong } from './takes-long.ts';
import type { Connection } from './wire/connection.ts';

/** Where requests of the kind are served that take long (long-requests.ts). */
type Elsewhere = {
  readonly queue: Pending[];
  readonly lanes: readonly GroupLane[];
  /** What those touch that are there. */
  readonly touched: (touches: (request: unknown) => Touched) => Touches[];
};

export type GroupLaneOptions = {
  readonly kind: string;
  readonly size: number;
  readonly run: GroupKind<unknown, unknown>['run'];
  readonly touches: GroupKind<unknown, unknown>['touches'];
  /** See `GroupKind.even`. */
  readonly isEven: boolean;
  readonly mayOverlap: GroupKind<unknown, unknown>['mayOverlap'];
  /** Of all lanes of the kind. */
  readonly gathering: Gathering | undefined;
  /** The other lanes of the kind, or the other ones for what takes long. */
  readonly others: (lane: GroupLane) => readonly GroupLane[];
  /** The queue that all of them take from. */
  readonly shared: Pending[];
  /** Where requests go that take long; undefined for a lane that such have to themselves. */
  readonly long: Elsewhere | undefined;
  readonly connect: () => Promise<Connection>;
  readonly observer: EngineObserver;
  /** Answers a request. */
  readonly settle: (pending: Pending, error: Error | undefined, reply: unknown) => void;
  /** Called when a group is done and the next may leave. */
  readonly onIdle: () => void;
};

export class GroupLane implements Lane {
  readonly #options: GroupLaneOptions;
  /** Requests of origins that have others under way here. */
  readonly pinned: Pending[] = [];
  /** What the group under way touches, and how many requests it has. */
  #touches = new Touches();
  #underWay = 0;
  #connection: Connection | undefined;
  #plannedAtMs = 0;
  #working: Promise<void> | undefined;

  constructor(options: GroupLaneOptions) {
    this.#options = options;
  }

  /** What the group under way touches. */
  get touched(): Touches | undefined {
    return this.#underWay > 0 ? this.#touches : undefined;
  }

  /** Requests that are under way or have to be served here. */
  get load(): number {
    return this.#underWay + this.pinned.length;
  }

  /** Sends the next group, unless one is under way or nothing waits. */
  send(): void {
    if (this.#working !== undefined) return;
    const group = this.#take();
    if (group.length === 0) return;
    this.#underWay = group.length;
    this.#working = this.#serve(group);
  }

  /** Waits for the group under way, then ends the connection; pinned requests fail with `shutting_down`. */
  async close(): Promise<void> {
    for (const pending of this.pinned.splice(0)) this.#options.settle(pending, new FacetError('shutting_down'), undefined);
    await this.#working;
    await this.#connection?.close();
  }

  #take(): Pending[] {
    const { shared, size, touches, isEven, mayOverlap, gathering, others } = this.#options;
    const waiting = shared.length + this.pinned.length;
    if (waiting === 0) return [];
    const busy = others(this).filter((lane) => lane.#underWay > 0);
    if (busy.length > 0 && mayOverlap?.() === false) return [];
    if (isEven && busy.some((lane) => lane.#underWay > waiting && waiting < size)) return [];
    if (gathering?.holds(waiting) === true) return [];
    gathering?.left();
    return touches === undefined ? this.#takeAny() : this.#takeApart(touches, busy);
  }

  #takeApart(touches: NonNullable<GroupLaneOptions['touches']>, busy: readonly GroupLane[]): Pending[] {
    const { shared, size, long } = this.#options;
    const others = busy.map((lane) => lane.#touches);
    if (long !== undefined) others.push(...long.touched(touches));
    const { group, taken, long: longOnes } = takeApart(shared, { size, touches, others, partsLong: long !== undefined });
    if (longOnes.length > 0) {
      long!.queue.push(...longOnes);
      this.#options.onIdle();
    }
    for (const { origin } of group) origin.queued -= 1;
    this.#touches = taken;
    return group;
  }

  #takeAny(): Pending[] {
    const { shared, size } = this.#options;
    // Half of the group is kept for who has nothing under way yet, or busy origins would shut them out.
    const group = this.pinned.splice(0, size - Math.min(shared.length, size >> 1));
    const fed = new Set<Lane>();
    let taken = 0;
    while (group.length < size && taken < shared.length) {
      const pending = shared[taken++]!;
      const { origin } = pending;
      origin.queued -= 1;
      if (origin.lane !== undefined && origin.lane !== this) {
        // The lane where its earlier requests are has to serve this one too.
        origin.lane.pinned.push(pending);
        fed.add(origin.lane);
        continue;
      }
      origin.lane = this;
      group.push(pending);
    }
    shared.splice(0, taken);
    for (const lane of fed) lane.send();
    return group;
  }

  async #serve(group: readonly Pending[]): Promise<void> {
    this.#options.observer.groupSent(this.#options.kind, group.length);
    const replies = await this.#execute(group);
    // Sockets that are readable now are read first, so that what they ask for goes along.
    if (this.pinned.length > 0 || this.#options.shared.length > 0) await endOfTurn();
    this.#working = undefined;
    this.#underWay = 0;
    // The next group leaves first: PostgreSQL works on it while the replies to this one are written.
    this.send();
    if (replies !== undefined) this.#settleAll(group, replies);
    this.#options.onIdle();
  }

  /** Gives the replies; undefined when the group failed, and each of it is settled. */
  async #execute(group: readonly Pending[]): Promise<readonly unknown[] | undefined> {
    try {
      return await this.#run(group);
    } catch (error) {
      if (error instanceof TakesLong) {
        this.#putBack(group, error.requests);
        return undefined;
      }
      if (group.length === 1 || isFacetError(error, 'connection_lost') || isFacetError(error, 'engine_unavailable')) {
        for (const pending of group) this.#options.settle(pending, asError(error), undefined);
        return undefined;
      }
      // The group was rolled back because of one of them: only that one may fail.
      await this.#executeEach(group);
      return undefined;
    }
  }

  async #executeEach(group: readonly Pending[]): Promise<void> {
    for (const [index, pending] of group.entries()) {
      try {
        this.#settleAll([pending], await this.#run([pending]));
      } catch (error) {
        if (error instanceof TakesLong) return this.#putBack(group.slice(index), error.requests);
        this.#options.settle(pending, asError(error), undefined);
      }
    }
  }

  /** What of a group takes long is executed elsewhere; the rest is taken again, in its order. */
  #putBack(group: readonly Pending[], requests: ReadonlySet<unknown>): void {
    const { long, touches, shared } = this.#options;
    assert(long !== undefined && long.lanes.length > 0, 'there are lanes for what takes long');
    if (touches !== undefined) {
      for (const pending of group) {
        pending.origin.queued += 1;
        if (requests.has(pending.request)) pending.takesLong = true;
      }
      shared.unshift(...group);
      return;
    }
    // Without knowing what it touches, all of its origin goes with it.
    const leastBusy = long.lanes.toSorted((left, right) => left.load - right.load)[0]!;
    const origins = new Set(group.filter(({ request }) => requests.has(request)).map(({ origin }) => origin));
    for (const origin of origins) origin.lane = leastBusy;
    for (const pending of [...group, ...this.pinned.splice(0)]) (origins.has(pending.origin) ? leastBusy : this).pinned.push(pending);
  }

  /** Executes the group; throws when it failed, as a whole. */
  async #run(group: readonly Pending[]): Promise<readonly unknown[]> {
    const connection = await this.#ready();
    const replies = await this.#options.run(
      connection,
      group.map(({ request }) => request),
      this.#options.long === undefined,
    );
    if (replies.length !== group.length) throw new FacetError('internal', `${replies.length} replies for ${group.length} requests`);
    return replies;
  }

  /**
   * The connection. Its plans are not kept for long: one that was made while a table was empty reads all of a table that
   * has grown, and PostgreSQL makes it anew only when it has analyzed the table.
   */
  async #ready(): Promise<Connection> {
    const nowMs = performance.now();
    if (this.#connection?.usable !== true) {
      this.#connection = await this.#options.connect();
      this.#plannedAtMs = nowMs;
    } else if (nowMs - this.#plannedAtMs >= engineLimits.groupPlansKeptMs) {
      // It leaves with the group's first statement, which fails too if the connection does.
      this.#connection.command('discard plans').catch(() => {});
      this.#plannedAtMs = nowMs;
    }
    return this.#connection;
  }

  #settleAll(group: readonly Pending[], replies: readonly unknown[]): void {
    for (let index = 0; index < group.length; index++) this.#options.settle(group[index]!, undefined, replies[index]);
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new FacetError('internal', String(error));
}
