// What every text begins with that a regular expression matches. Source: MongoDB 7.0, IndexBoundsBuilder::simpleRegex.

import type { Pattern } from '../filters/filter.ts';

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
  return isRepeated.test(body.slice(end)) ? body.slice(0, Math.max(0, end - 1)) : body.slice(0, end);
}

/** Whether it matches exactly the texts that begin so. */
export function isTextPrefix(pattern: Pattern): boolean {
  const prefix = prefixOf(pattern);
  return prefix !== '' && (pattern.pattern === `^${prefix}` || pattern.pattern === `\\A${prefix}`);
}
