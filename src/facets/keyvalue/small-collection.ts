// Where a command could either read a whole collection or ask about a part of it.

import type { Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';

/** Reading it whole costs no more than a question, or it is known whole already. */
export function isSmall(entry: Entry): boolean {
  return entry.whole || entry.size <= keyvalueLimits.wholeElements;
}
