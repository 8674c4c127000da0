// OBJECT ENCODING: the name of the representation that Redis 7.0 would choose for a value by its own thresholds.
// DIFFERS: it follows from the value alone; Redis also remembers how the value came about (APPEND makes `raw`).

import type { Element, Entry, Unit } from '../../facets/keyvalue/index.ts';
import type { Configuration } from './configuration.ts';
import { redisLimits } from './limits.ts';
import { parseInt64 } from './numbers.ts';

const embeddedStringBytes = 44;

/** The encoding of what the key holds. */
export function encodingOf(unit: Unit, entry: Entry, configuration: Configuration): string {
  switch (entry.kind) {
    case 'string':
      return stringEncoding(unit, entry);
    case 'list':
      return 'quicklist';
    case 'set':
      return isSmall(entry, configuration.integer('set-max-intset-entries')) && unit.allElements(entry).every(isInteger) ? 'intset' : 'hashtable';
    case 'hash':
      return fitsListpack(unit, entry, configuration, 'hash') ? 'listpack' : 'hashtable';
    case 'zset':
      return fitsListpack(unit, entry, configuration, 'zset') ? 'listpack' : 'skiplist';
    default:
      return 'stream';
  }
}

function stringEncoding(unit: Unit, entry: Entry): string {
  if (entry.size <= 20 && parseInt64(unit.valueOf(entry)) !== undefined) return 'int';
  return entry.size <= embeddedStringBytes ? 'embstr' : 'raw';
}

function fitsListpack(unit: Unit, entry: Entry, configuration: Configuration, kind: 'hash' | 'zset'): boolean {
  const longest = configuration.integer(`${kind}-max-listpack-value`);
  const isShort = ({ member, value }: Element): boolean => member.length <= longest && (value?.length ?? 0) <= longest;
  return isSmall(entry, configuration.integer(`${kind}-max-listpack-entries`)) && unit.allElements(entry).every(isShort);
}

/** Larger ones are not read only to tell: whoever set such a threshold gets the name of the large representation. */
function isSmall(entry: Entry, threshold: number): boolean {
  return entry.size <= Math.min(threshold, redisLimits.encodedElements);
}

function isInteger({ member }: Element): boolean {
  return parseInt64(member) !== undefined;
}
