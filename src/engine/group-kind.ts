// What a facet says of requests that may share one transaction.

import type { Touched } from './group-request.ts';
import type { Connection } from './wire/connection.ts';

/** One kind of requests that go together: reads by key, writes by key. */
export type GroupKind<Request, Reply> = {
  readonly name: string;
  /** How many groups of this kind may be under way at once, each on a connection of its own. */
  readonly lanes: number;
  /** Requests in one group. Default: `engineLimits.groupSize`. */
  readonly size?: number;
  /**
   * Executes a group as one transaction (`Connection.execute` with all its statements) and gives the replies in the
   * order of the requests. When it fails for more than one request, the group was rolled back, and each request is
   * executed again in a group of its own. With `longLanes` it may throw `TakesLong`, unless `isApart`:
   * the request is alone, in a lane for those that take long.
   */
  readonly run: (connection: Connection, requests: readonly Request[], isApart: boolean) => Promise<readonly Reply[]>;
  /** Lanes for requests that take long, one at a time in each: the others go on without them. */
  readonly longLanes?: number;
  /**
   * For requests that change something: what one touches, by name. Groups that are under way at once then touch nothing
   * in common, so that they never wait for each other's locks, and are `even`. Without it, any groups may overlap.
   */
  readonly touches?: (request: Request) => Touched;
  /**
   * A second group leaves only when it is as large as those under way: what a group costs, whatever its size, is more than
   * the wait for them.
   */
  readonly even?: true;
  /** While many clients ask, a small group waits for others to join it (gathering.ts). */
  readonly gathers?: true;
  /** Whether a group may leave at all while another is under way. Default: it may. */
  readonly mayOverlap?: () => boolean;
};
