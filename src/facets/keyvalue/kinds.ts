// The kinds of values, as `TYPE` names them and as the store numbers them.

export const kinds = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const;
export type Kind = (typeof kinds)[number];

/** Kinds whose elements are rows of their own. Streams follow with their commands. */
export type CollectionKind = 'list' | 'set' | 'zset' | 'hash';

/** Where they are. */
export const elementTables = {
  hash: 'hash_fields', list: 'list_items', set: 'set_members', zset: 'sorted_set_members',
} as const satisfies Record<CollectionKind, string>;

/** The number in `keys.kind`: 1 for string, and so on in the order of `kinds`. */
export function kindNumber(kind: Kind): number {
  return kinds.indexOf(kind) + 1;
}

export function kindOfNumber(number: number): Kind {
  const kind = kinds[number - 1];
  if (kind === undefined) throw new RangeError(`kind ${number}`);
  return kind;
}
