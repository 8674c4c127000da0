// What SSCAN, HSCAN and ZSCAN have in common: cursor, options, and the reply.

import { type Element, type Kind, scanElements } from '../../facets/keyvalue/index.ts';
import type { KeyContext } from './command.ts';
import type { Reply } from './reply.ts';
import { parseCursor, parseScanOptions } from './scan-options.ts';

/**
 * The reply to `key cursor [MATCH pattern] [COUNT count]`. `show` gives what stands for an element; `compare` the order
 * within a page, where Redis has one.
 */
export function scanCollection(
  { unit, space }: KeyContext,
  kind: Kind,
  args: readonly Buffer[],
  show: (element: Element) => readonly Reply[],
  compare?: (left: Element, right: Element) => number,
): Reply {
  const [key, cursorText, ...options] = args;
  const cursor = parseCursor(cursorText!);
  const entry = unit.findKind(space, key!, kind);
  if (entry === undefined) return ['0', []];
  const { accepts, count } = parseScanOptions(options, { withType: false });
  const { cursor: next, elements } = scanElements(unit, entry, cursor, count);
  const matching = elements.filter(({ member }) => accepts(member));
  if (compare !== undefined) matching.sort(compare);
  return [String(next), matching.flatMap(show)];
}
