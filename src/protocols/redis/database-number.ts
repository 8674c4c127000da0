// Reads the number of a database (SELECT, MOVE, COPY, SWAPDB).

import { keyvalueLimits } from '../../facets/keyvalue/index.ts';
import { parseInt64 } from './numbers.ts';

/** Undefined when it is not a number, or not that of a database. */
export function databaseOf(bytes: Buffer): number | undefined {
  const number = parseInt64(bytes);
  return number === undefined || number < 0n || number >= keyvalueLimits.databases ? undefined : Number(number);
}
