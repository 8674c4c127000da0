// Replies without Redis's classes, for who has no connection.

import { FacetError } from '../../kernel/errors.ts';
import { Double, Listing, Pairs, type Reply, Status, Verbatim } from './reply.ts';

/** Bytes are bulk strings; pairs of a map need not have distinct keys. */
export type PlainReply = number | bigint | string | Uint8Array | boolean | null | readonly PlainReply[] | { readonly pairs: readonly (readonly [PlainReply, PlainReply])[] };

/** Throws `key_refused` for a reply that is an error. */
export function plainReply(reply: Reply): PlainReply {
  if (typeof reply === 'symbol') return null;
  if (typeof reply !== 'object' || reply === null || reply instanceof Uint8Array) return reply;
  if (reply instanceof Double) return reply.value;
  if (reply instanceof Status || reply instanceof Verbatim) return reply.text;
  if (reply instanceof Listing) return plainReply(reply.plain);
  if (reply instanceof Pairs) return ({ pairs: reply.pairs.map(([key, value]) => [plainReply(key), plainReply(value)] as const) });
  if (reply instanceof Map) return ({ pairs: [...(reply as ReadonlyMap<Reply, Reply>)].map(([key, value]) => [plainReply(key), plainReply(value)] as const) });
  if (reply instanceof Error) throw new FacetError('key_refused', reply.message, { cause: reply });
  if (Array.isArray(reply) || reply instanceof Set) return [...(reply as Iterable<Reply>)].map(plainReply);
  throw new FacetError('internal', 'a reply that only connections can have');
}
