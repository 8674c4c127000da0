// What every text begins with that a regular expression matches. Source: MongoDB 7.0, IndexBoundsBuilder::simpleRegex.

import type { Pattern } from './filter.ts';

/** Characters that mean more than themselves. */
const special = /[\\^$.|?*+()[\]{}]/;
/** After these the character before them need not be there. */
const isRepeated = /^[?*{]/;

/** Empty where there is no such beginning that is simple to tell. */
export function prefixOf({ pattern, options }: Pattern): string {
  if (/[^s]/.test(options)) return '';
  const body = pattern.startsWith('^') ? pattern.slice(1) : pattern.startsWith('\\A') ? pattern.slice(2) : undefined;
  if (body === undefined || body.includes('|')) return '';
  const end = body.search(special);
  if (end < 0) return body;
  return isRepeated.test(body.slice(end)) ? Array.from(body.slice(0, end)).slice(0, -1).join('') : body.slice(0, end);
}

/** The least text behind all that begin with a prefix. */
export function textBehind(prefix: string): string {
  const characters = Array.from(prefix);
  const last = characters.pop()!;
  return `${characters.join('')}${String.fromCodePoint(last.codePointAt(0)! + 1)}`;
}

/** Whether it matches exactly the texts that begin so. */
export function isTextPrefix(pattern: Pattern): boolean {
  const prefix = prefixOf(pattern);
  return prefix !== '' && (pattern.pattern === `^${prefix}` || pattern.pattern === `\\A${prefix}`);
}
