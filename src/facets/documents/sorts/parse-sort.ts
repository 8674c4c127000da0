// Parses sort specifications. Source for errors and their texts: MongoDB 7.0.

import { isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { splitFieldPath } from '../expressions/paths.ts';
import { shellText } from '../expressions/shell-text.ts';
import { clampedLong, truncatedLong } from '../filters/numbers.ts';

export type SortPart = { readonly path: readonly string[]; readonly descending: boolean };

const maxParts = 32;

/** From the first part that tells two documents apart. */
export type SortPattern = readonly SortPart[];

/** The scores that MongoDB sorts by, and what it says where a query has none. */
const metadataTexts: ReadonlyMap<string, string> = new Map([
  ['textScore', 'query requires text score metadata, but it is not available'],
  ['geoNearDistance', 'query requires $geoNear distance metadata, but it is not available'],
  ['randVal', 'query requires rand val metadata, but it is not available'],
  ['searchScore', 'query requires $search score metadata, but it is not available'],
]);

/**
 * A sort specification: paths, each with 1 or -1. `{$meta: …}` is refused, as no query here has a score.
 * Throws DocumentError: 13103, 15974, 15975, 17312, 31138, 40218, FailedToParse and those of paths.
 */
export function parseSort(spec: Document): SortPattern {
  const pattern = [...spec].map(([name, value]) => {
    if (value instanceof Map) throw metadataRefusal(value);
    if (!isNumeric(value)) throw new DocumentError(15_974, `Illegal key in $sort specification: ${name}: ${shellText(value)}`);
    const direction = clampedLong(value);
    if (direction !== 1n && direction !== -1n) throw new DocumentError(15_975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    return { path: splitFieldPath(name), descending: direction === -1n };
  });
  if (pattern.length > maxParts) throw new DocumentError(13_103, 'too many compound keys');
  return pattern;
}

function metadataRefusal(spec: Document): DocumentError {
  const name = spec.get('$meta');
  const [first] = spec.keys();
  if (first !== '$meta') return new DocumentError(17_312, '$meta is the only expression supported by $sort right now');
  if (spec.size !== 1) return new DocumentError('FailedToParse', 'Cannot have additional keys in a $meta sort specification');
  const text = typeof name === 'string' ? metadataTexts.get(name) : undefined;
  return text === undefined ? new DocumentError(31_138, `Illegal $meta sort: $meta: ${shellText(name)}`) : new DocumentError(40_218, text);
}

/**
 * The direction of a `{$natural: 1}` or `{$natural: -1}`, which find takes as its order of scanning; undefined for every
 * other specification. Throws DocumentError: BadValue.
 */
export function naturalDirectionOf(spec: Document): 1 | -1 | undefined {
  const value: Value | undefined = spec.get('$natural');
  if (value === undefined) return undefined;
  if (spec.size > 1) throw new DocumentError('BadValue', `Cannot include '$natural' in compound sort: ${shellText(spec)}`);
  const direction = isNumeric(value) ? truncatedLong(value) : undefined;
  if (direction === 1n) return 1;
  if (direction === -1n) return -1;
  throw new DocumentError('BadValue', '$natural sort cannot be set to a value other than -1 or 1.');
}
