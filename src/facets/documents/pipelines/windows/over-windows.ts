// Runs what gathers values over the windows of a partition.

import type { Maybe } from '../../../../values/bson/types.ts';
import { type Reach, type WindowBounds, reachOf } from './window-bounds.ts';
import type { Partition } from './window-function.ts';

export type WindowState<Input> = { add(input: Input): void; result(): Maybe };

/** Values leave in the order in which they came. */
export type SlidingState<Input> = WindowState<Input> & { remove(input: Input): void };

export type WindowGathering<Input> = {
  /** What the document at a place gives. Asked for once, when it comes into a window first. */
  readonly inputAt: (index: number) => Input;
  readonly newState: (index: number) => WindowState<Input>;
  /** For windows whose lower end moves, where the original rounds, or types its result, in another way then. */
  readonly newSlidingState?: (() => SlidingState<Input>) | undefined;
};

export function overWindows<Input>(bounds: WindowBounds, { scopes, positions }: Partition, gathering: WindowGathering<Input>): Maybe[] {
  const inputs: { readonly value: Input }[] = [];
  const inputAt = (index: number): Input => (inputs[index] ??= { value: gathering.inputAt(index) }).value;
  const reaches = { reach: reachOf(bounds, scopes.length, positions), count: scopes.length };
  if (gathering.newSlidingState === undefined || bounds.lower === 'unbounded') return gather(reaches, { ...gathering, inputAt });
  return slide(reaches, inputAt, gathering.newSlidingState);
}

type Reaches = { readonly reach: (index: number) => Reach; readonly count: number };

/** A window that only grows at its end is gone on with; any other is gathered anew. */
function gather<Input>({ reach, count }: Reaches, { inputAt, newState }: WindowGathering<Input>): Maybe[] {
  let state: WindowState<Input> | undefined;
  let [from, to] = [0, 0];
  let result: Maybe;
  return Array.from({ length: count }, (_, index) => {
    const wanted = reach(index);
    if (state !== undefined && wanted.from === from && wanted.to === to) return result;
    if (state === undefined || wanted.from !== from || wanted.to < to) {
      state = newState(index);
      ({ from } = wanted);
      to = from;
    }
    for (; to < wanted.to; to += 1) state.add(inputAt(to));
    result = state.result() ?? null;
    return result;
  });
}

function slide<Input>({ reach, count }: Reaches, inputAt: (index: number) => Input, newState: () => SlidingState<Input>): Maybe[] {
  let state = newState();
  let [from, to] = [0, 0];
  return Array.from({ length: count }, (_, index) => {
    const wanted = reach(index);
    if (wanted.from >= to) {
      state = newState();
      [from, to] = [wanted.from, wanted.from];
    }
    for (; to < wanted.to; to += 1) state.add(inputAt(to));
    for (; from < wanted.from; from += 1) state.remove(inputAt(from));
    return state.result() ?? null;
  });
}
