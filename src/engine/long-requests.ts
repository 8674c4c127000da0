// Requests of one kind that take long: those that wait, and the lanes that serve one of them after the other.

import { Touches } from './apart.ts';
import type { GroupLane } from './group-lane.ts';
import type { Pending, Touched } from './group-request.ts';

export class LongRequests {
  /** Of a kind whose requests say what they touch. */
  readonly queue: Pending[] = [];
  readonly lanes: GroupLane[] = [];

  /** What they touch, whether they are under way or not: nobody else may. */
  touched(touches: (request: unknown) => Touched): Touches[] {
    const all = this.lanes.flatMap(({ touched }) => touched ?? []);
    if (this.queue.length === 0) return all;
    const waiting = new Touches();
    for (const pending of this.queue) waiting.add(pending, (pending.touched ??= touches(pending.request)));
    return [...all, waiting];
  }
}
