// $rank, $denseRank and $documentNumber.

import { compareValues } from '../../../../values/bson/compare.ts';
import type { Maybe } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { intOrLong } from '../../expressions/coercions.ts';
import type { ParseWindowFunction } from './window-function.ts';

type Standing = { rank: number; dense: number; place: number };

function rankFunction(name: string, of: keyof Standing): ParseWindowFunction {
  return (specification, { sortBy }) => {
    if (specification.size > 1) throw new DocumentError(5_371_601, 'Rank style window functions take no other arguments');
    const argument = specification.get(name);
    if (!(argument instanceof Map) || argument.size > 0) throw new DocumentError(5_371_603, `${name} must be specified with '{}' as the value`);
    if (sortBy?.length !== 1) throw new DocumentError(5_371_602, `${name} must be specified with a top level sortBy expression with exactly one element`);
    return {
      *results({ positions }) {
        const standing: Standing = { rank: 0, dense: 0, place: 0 };
        for (const [index, position] of positions.entries()) {
          standing.place += 1;
          if (index === 0 || !isSame(position, positions[index - 1])) {
            standing.rank = standing.place;
            standing.dense += 1;
          }
          yield intOrLong(BigInt(standing[of]));
        }
      },
    };
  };
}

/** Until MongoDB 8.0 null and missing, which a sort puts side by side, have ranks of their own. */
function isSame(a: Maybe, b: Maybe): boolean {
  return compareValues(a, b) === 0;
}

export const rank = rankFunction('$rank', 'rank');
export const denseRank = rankFunction('$denseRank', 'dense');
export const documentNumber = rankFunction('$documentNumber', 'place');
