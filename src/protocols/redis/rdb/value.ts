// A value as DUMP and RESTORE pass it on, whatever its bytes look like.

export type RdbValue =
  | { readonly kind: 'string'; readonly value: Buffer }
  | { readonly kind: 'list'; readonly items: readonly Buffer[] }
  | { readonly kind: 'set'; readonly members: readonly Buffer[] }
  | { readonly kind: 'zset'; readonly members: readonly { readonly member: Buffer; readonly score: number }[] }
  | { readonly kind: 'hash'; readonly fields: readonly { readonly field: Buffer; readonly value: Buffer }[] };

/** The version of the format that Redis 7.0 writes, and the highest that it reads. */
export const rdbVersion = 10;

/** The bytes that say what follows (rdb.h, `RDB_TYPE_…`). */
export const rdbTypes = {
  string: 0, list: 1, set: 2, zset: 3, hash: 4, zset2: 5,
  hashZipmap: 9, listZiplist: 10, setIntset: 11, zsetZiplist: 12, hashZiplist: 13, listQuicklist: 14,
  hashListpack: 16, zsetListpack: 17, listQuicklist2: 18,
} as const;

/** How a node of a quicklist holds its items. */
export const quicklistNodes = { plain: 1, packed: 2 } as const;
