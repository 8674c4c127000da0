// Entity tags and the headers that compare them (RFC 9110, "Conditional Requests"): the tag is a digest of the whole item.

import type { IncomingHttpHeaders } from 'node:http';
import { rowTagOf } from '../../../facets/relational/index.ts';
import { RequestError } from '../request-error.ts';
import type { Condition } from './data-source.ts';

export const tagOf = rowTagOf;

/** What If-Match and If-None-Match ask of a change. Throws RequestError. */
export function conditionOf(headers: IncomingHttpHeaders): Condition {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && noneMatch.trim() !== '*') throw new RequestError('if-none-match', 'a change may have "*" only: that the item is not there');
  if (match !== undefined && noneMatch !== undefined) throw new RequestError('if-none-match', 'it cannot hold together with If-Match');
  if (noneMatch !== undefined) return { absent: true };
  if (match === undefined) return {};
  return match.trim() === '*' ? { exists: true } : { exists: true, tags: tagsOf(match, 'if-match') };
}

/** Whether a client that has sent If-None-Match knows the item as it is. */
export function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || tagsOf(header.replaceAll('W/', ''), 'if-none-match').includes(tag);
}

/** Weak tags are equal to none here: a change needs to know exactly. */
function tagsOf(header: string, field: string): string[] {
  const tags = header.split(',').map((part) => part.trim());
  if (tags.some((tag) => !/^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) throw new RequestError(field, 'expected entity tags in quotes, or "*"');
  return tags.filter((tag) => tag.startsWith('"')).map((tag) => tag.slice(1, -1));
}
