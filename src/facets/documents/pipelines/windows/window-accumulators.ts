// Accumulators over windows.

import type { Document, Maybe } from '../../../../values/bson/types.ts';
import { accumulatorsByName } from '../accumulators/registry.ts';
import { type SlidingState, overWindows } from './over-windows.ts';
import { SlidingDeviation } from './sliding-deviation.ts';
import { wholePartition } from './window-bounds.ts';
import { type WindowContext, type WindowFunction, readWindow } from './window-function.ts';

/** Accumulators of $group that are no window functions. */
const onlyInGroups: ReadonlySet<string> = new Set(['$accumulator', '$mergeObjects']);

const slidingStates: ReadonlyMap<string, () => SlidingState<Maybe>> = new Map([
  ['$stdDevPop', () => new SlidingDeviation('population')],
  ['$stdDevSamp', () => new SlidingDeviation('sample')],
]);

/** The accumulator by that name as a window function; undefined where there is none. Throws DocumentError. */
export function parseWindowAccumulator(name: string, specification: Document, context: WindowContext): WindowFunction | undefined {
  const kind = onlyInGroups.has(name) ? undefined : accumulatorsByName.get(name);
  if (kind === undefined) return undefined;
  const parse = kind.parseInWindow ?? kind.parse;
  const { argument: accumulator, bounds = wholePartition } = readWindow(name, specification, context, (argument) => parse(argument, context.expressions));
  return {
    input: accumulator.input,
    results: (partition) =>
      overWindows(bounds, partition, {
        inputAt: partition.inputAt,
        newState: () => accumulator.newState(partition.scope),
        newSlidingState: slidingStates.get(name),
      }),
  };
}
