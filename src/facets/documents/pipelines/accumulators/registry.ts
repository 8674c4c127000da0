// Every accumulator of $group, by name.

import { DocumentError } from '../../errors.ts';
import type { AccumulatorKind } from './accumulator.ts';
import { countedAccumulators } from './counted.ts';
import { quantileAccumulators } from './quantiles.ts';
import { topAccumulators } from './top.ts';
import { unaryAccumulators } from './unary.ts';

/** It runs JavaScript, which is not executed here. */
const accumulator: AccumulatorKind = {
  name: '$accumulator',
  parse() {
    throw new DocumentError(31264, 'Cannot run server-side javascript without the javascript engine enabled');
  },
  examples: [{ argument: '{}', error: 31264 }],
};

export const accumulators: readonly AccumulatorKind[] = [accumulator, ...countedAccumulators, ...quantileAccumulators, ...topAccumulators, ...unaryAccumulators].toSorted(
  (a, b) => (a.name < b.name ? -1 : 1),
);

export const accumulatorsByName: ReadonlyMap<string, AccumulatorKind> = new Map(accumulators.map((kind) => [kind.name, kind]));
