// How elements of a sorted set are shown.

import { ElementRows, type Scored } from '../../facets/keyvalue/index.ts';
import type { KeyClient } from './command.ts';
import { Double, Listing, type Reply } from './reply.ts';

export type ScoredShape = 'members' | 'flat' | 'nested';

/** With scores RESP2 has them in line with the members; RESP3 has pairs. */
export function shapeFor(client: KeyClient, withScores: boolean): ScoredShape {
  if (!withScores) return 'members';
  return client.protocol === 3 ? 'nested' : 'flat';
}

export function showScored(elements: readonly Scored[] | ElementRows, shape: ScoredShape): Reply {
  if (elements instanceof ElementRows) return new Listing(elements, shape === 'members' ? 'array' : shape);
  switch (shape) {
    case 'members':
      return elements.map(({ member }) => member);
    case 'flat':
      return elements.flatMap(({ member, score }): Reply[] => [member, new Double(score)]);
    case 'nested':
      return elements.map(({ member, score }): Reply => [member, new Double(score)]);
  }
}
