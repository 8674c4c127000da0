// Loaded before a program that is made of a page's blocks (program.ts): it tells its parent which block it has reached, and
// goes on when it is told to.

import { once } from 'node:events';
import { formatWithOptions } from 'node:util';

declare global {
  function reached(place: string): Promise<void>;
  function prints(expected: string, ...values: unknown[]): void;
}

globalThis.reached = async (place) => {
  const turn = once(process, 'message');
  process.send?.(place);
  await turn;
};

globalThis.prints = (expected, ...values) => {
  const text = formatWithOptions({ breakLength: Infinity, compact: 10, depth: 10 }, ...values);
  const pattern = expected.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)).join('.*');
  if (!new RegExp(`^${pattern}$`, 'su').test(text)) throw new Error(`the page says it prints ${expected}, but it prints ${text}`);
};
