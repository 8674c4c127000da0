// Runs what gathers values over the windows of a partition.

import type { Maybe } from '../../../../values/bson/types.ts';
import { type Reach, type WindowBounds, reachOf } from './window-bounds.ts';
import type { Partition } from './window-function.ts';

export type WindowState<Input> = { add(input: Input): void; result(): Maybe };

/** Values leave in the order in which they came. */
export type SlidingState<Input> = WindowState<Input> & { remove(input: Input): void };

export type WindowGathering<Input> = {
  /** What the document at a place gives. */
  readonly inputAt: (index: number) => Input;
  readonly newState: () => WindowState<Input>;
  /** For windows whose lower end moves, where the original rounds, or types its result, in another way then. */
  readonly newSlidingState?: (() => SlidingState<Input>) | undefined;
};

/** The values for the documents of a partition, one after the other. */
export function overWindows<Input>(bounds: WindowBounds, { count, positions }: Partition, gathering: WindowGathering<Input>): Iterable<Maybe> {
  const reaches = { reach: reachOf(bounds, count, positions), count };
  const { inputAt, newSlidingState } = gathering;
  return newSlidingState === undefined || bounds.lower === 'unbounded' ? gather(reaches, gathering) : slide(reaches, inputAt, newSlidingState);
}

type Reaches = { readonly reach: (index: number) => Reach; readonly count: number };

/** A window that only grows at its end is gone on with; any other is gathered anew. */
function* gather<Input>({ reach, count }: Reaches, { inputAt, newState }: WindowGathering<Input>): Iterable<Maybe> {
  let state: WindowState<Input> | undefined;
  let [from, to] = [0, 0];
  let result: Maybe;
  for (let index = 0; index < count; index += 1) {
    const wanted = reach(index);
    if (state === undefined || wanted.from !== from || wanted.to !== to) {
      if (state === undefined || wanted.from !== from || wanted.to < to) {
        state = newState();
        ({ from } = wanted);
        to = from;
      }
      for (; to < wanted.to; to += 1) state.add(inputAt(to));
      result = state.result() ?? null;
    }
    yield result;
  }
}

function* slide<Input>({ reach, count }: Reaches, inputAt: (index: number) => Input, newState: () => SlidingState<Input>): Iterable<Maybe> {
  let state = newState();
  let [from, to] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const wanted = reach(index);
    if (wanted.from >= to) {
      state = newState();
      [from, to] = [wanted.from, wanted.from];
    }
    for (; to < wanted.to; to += 1) state.add(inputAt(to));
    for (; from < wanted.from; from += 1) state.remove(inputAt(from));
    yield state.result() ?? null;
  }
}
