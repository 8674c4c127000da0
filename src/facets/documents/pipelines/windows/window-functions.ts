// The window functions that are no accumulators, by name.

import { covariancePop, covarianceSamp } from './covariance.ts';
import { linearFill, locf } from './fills.ts';
import { expMovingAvg } from './moving-average.ts';
import { denseRank, documentNumber, rank } from './ranks.ts';
import { shift } from './shift.ts';
import { derivative, integral } from './slopes.ts';
import type { ParseWindowFunction } from './window-function.ts';

export const windowFunctions: ReadonlyMap<string, ParseWindowFunction> = new Map<string, ParseWindowFunction>([
  ['$covariancePop', covariancePop],
  ['$covarianceSamp', covarianceSamp],
  ['$denseRank', denseRank],
  ['$derivative', derivative],
  ['$documentNumber', documentNumber],
  ['$expMovingAvg', expMovingAvg],
  ['$integral', integral],
  ['$linearFill', linearFill],
  ['$locf', locf],
  ['$rank', rank],
  ['$shift', shift],
]);
