// Runs what gathers values over the windows of a partition.

import type { Maybe } from '../../../../values/bson/types.ts';
import type { Reach } from './window-bounds.ts';

export type WindowState<Input> = { add(input: Input): void; result(): Maybe };

export type WindowGathering<Input> = {
  /** What the document at a place gives. Asked for once, when it comes into a window first. */
  readonly inputAt: (index: number) => Input;
  readonly newState: (index: number) => WindowState<Input>;
};

/** A window that only grows at its end is gone on with; any other is gathered anew. */
export function overWindows<Input>(reach: (index: number) => Reach, count: number, { inputAt, newState }: WindowGathering<Input>): Maybe[] {
  const inputs: { readonly value: Input }[] = [];
  const input = (index: number): Input => (inputs[index] ??= { value: inputAt(index) }).value;
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
    for (; to < wanted.to; to += 1) state.add(input(to));
    result = state.result() ?? null;
    return result;
  });
}
