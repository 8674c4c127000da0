// Ranges of sorted sets as commands name them: by score (`(1`, `-inf`) and by members' bytes (`[a`, `(a`, `-`, `+`).

import { type Position, afterScore, beforeScore } from '../../facets/keyvalue/index.ts';
import { parseRangeNumber } from './numbers.ts';
import { redisErrors } from './redis-error.ts';

/** From a position up to another. */
export type ScoreRange = { readonly from: Position; readonly to: Position };

/** Errors: `min or max is not a float`. */
export function scoreRange(minimum: Buffer, maximum: Buffer): ScoreRange {
  const low = scoreBound(minimum);
  const high = scoreBound(maximum);
  return {
    from: low.isExclusive ? afterScore(low.score) : beforeScore(low.score),
    to: high.isExclusive ? beforeScore(high.score) : afterScore(high.score),
  };
}

function scoreBound(bytes: Buffer): { readonly score: number; readonly isExclusive: boolean } {
  const isExclusive = bytes[0] === 0x28;
  const score = parseRangeNumber(isExclusive ? bytes.subarray(1) : bytes);
  if (score === undefined) throw redisErrors.minMaxNotFloat;
  return { score, isExclusive };
}

/** A bound on members: a member, included or not, or an end of everything. */
export type MemberBound = 'lowest' | 'highest' | { readonly member: Buffer; readonly isExclusive: boolean };
export type MemberRange = { readonly minimum: MemberBound; readonly maximum: MemberBound };

/** Errors: `min or max not valid string range item`. */
export function memberRange(minimum: Buffer, maximum: Buffer): MemberRange {
  return { minimum: memberBound(minimum), maximum: memberBound(maximum) };
}

function memberBound(bytes: Buffer): MemberBound {
  const isAlone = bytes.length === 1 || bytes[1] === 0;
  switch (bytes[0]) {
    case 0x2d:
      if (isAlone) return 'lowest';
      break;
    case 0x2b:
      if (isAlone) return 'highest';
      break;
    case 0x28:
      return { member: bytes.subarray(1), isExclusive: true };
    case 0x5b:
      return { member: bytes.subarray(1), isExclusive: false };
    default:
  }
  throw redisErrors.minMaxNotString;
}
