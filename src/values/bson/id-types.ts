// The types that an `_id` has, in their order; those of one rank are compared with each other. None is undefined, an array or a
// regular expression.

import { typeRanks } from './compare.ts';
import type { TypeName } from './types.ts';

export const typesOfIds: readonly { readonly rank: number; readonly types: readonly TypeName[] }[] = [
  { rank: typeRanks.minKey, types: ['minKey'] },
  { rank: typeRanks.null, types: ['null'] },
  { rank: typeRanks.number, types: ['int', 'long', 'double', 'decimal'] },
  { rank: typeRanks.string, types: ['string', 'symbol'] },
  { rank: typeRanks.document, types: ['object'] },
  { rank: typeRanks.binary, types: ['binData'] },
  { rank: typeRanks.objectId, types: ['objectId'] },
  { rank: typeRanks.boolean, types: ['bool'] },
  { rank: typeRanks.date, types: ['date'] },
  { rank: typeRanks.timestamp, types: ['timestamp'] },
  { rank: typeRanks.dbPointer, types: ['dbPointer'] },
  { rank: typeRanks.code, types: ['javascript'] },
  { rank: typeRanks.codeWithScope, types: ['javascriptWithScope'] },
  { rank: typeRanks.maxKey, types: ['maxKey'] },
];
