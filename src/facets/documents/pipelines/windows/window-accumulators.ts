// Accumulators over windows.

import type { Document, Maybe } from '../../../../values/bson/types.ts';
import type { Accumulator, AccumulatorState } from '../accumulators/accumulator.ts';
import { accumulatorsByName } from '../accumulators/registry.ts';
import { scopeOver } from '../../expressions/scope.ts';
import { reachOf, wholePartition } from './window-bounds.ts';
import { type Partition, type WindowContext, type WindowFunction, readWindow } from './window-functions.ts';

/** Accumulators of $group that are no window functions. */
const onlyInGroups: ReadonlySet<string> = new Set(['$accumulator', '$mergeObjects']);

/** The accumulator by that name as a window function; undefined where there is none. Throws DocumentError. */
export function parseWindowAccumulator(name: string, specification: Document, context: WindowContext): WindowFunction | undefined {
  const kind = onlyInGroups.has(name) ? undefined : accumulatorsByName.get(name);
  if (kind === undefined) return undefined;
  const { argument, bounds = wholePartition } = readWindow(name, specification, context);
  const accumulator = kind.parse(argument, context.expressions);
  return (partition) => {
    const reach = reachOf(bounds, partition.scopes.length, partition.positions);
    return overWindows(accumulator, partition, reach);
  };
}

/** A window that only grows at its end is gone on with; any other is gathered anew. */
function overWindows(accumulator: Accumulator, { scopes }: Partition, reach: (index: number) => { readonly from: number; readonly to: number }): Maybe[] {
  const inputs = scopes.map((scope) => accumulator.input(scope));
  let state: AccumulatorState | undefined;
  let [from, to] = [0, 0];
  let result: Maybe;
  return scopes.map((scope, index) => {
    const wanted = reach(index);
    if (state !== undefined && wanted.from === from && wanted.to === to) return result;
    if (state === undefined || wanted.from !== from || wanted.to < to) {
      state = accumulator.newState(scopeOver(new Map(), scope));
      ({ from } = wanted);
      to = from;
    }
    for (; to < wanted.to; to += 1) state.add(inputs[to]);
    result = state.result() ?? null;
    return result;
  });
}
