// Arguments of the form `numkeys key [key …]`: which of them are keys. What is wrong with them is the command's to say.

import { parseInt64 } from './numbers.ts';
import type { KeyPositions } from './command.ts';

/** Keys after their number, which stands at an index of the request. */
export function countedKeys(numberIndex: number): KeyPositions {
  return { first: 0, last: 0, step: 0, countAt: numberIndex, find: (request) => indexesAfter(request, numberIndex) };
}

/** A destination, then counted keys. */
export const destinationAndCountedKeys: KeyPositions = {
  first: 1, last: 1, step: 1, countAt: 2,
  find: (request) => {
    const counted = indexesAfter(request, 2);
    return counted.length === 0 ? [] : [1, ...counted];
  },
};

function indexesAfter(request: readonly Buffer[], numberIndex: number): number[] {
  const number = request[numberIndex];
  const count = number === undefined ? undefined : parseInt64(number);
  if (count === undefined || count < 1n || count > BigInt(request.length - numberIndex - 1)) return [];
  return Array.from({ length: Number(count) }, (_, index) => numberIndex + 1 + index);
}
