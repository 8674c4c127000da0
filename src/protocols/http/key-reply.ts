// Commands on keys in JSON: arguments in, replies out. What JSON has no type for is an object with one member.

import { z } from 'zod';
import type { KeyReply } from './store-access.ts';

/** An argument: a text, a number, or bytes as `{"base64": "…"}`. */
export const keyArgument = z.union([z.string(), z.number(), z.strictObject({ base64: z.base64() })]);
export const keyRequest = z.array(keyArgument).min(1);

export function argumentBytes(argument: z.output<typeof keyArgument>): Buffer {
  return typeof argument === 'object' ? Buffer.from(argument.base64, 'base64') : Buffer.from(String(argument));
}

/** Numbers, texts, null and lists as they are; `{"base64"}` for bytes that are no UTF-8, `{"integer"}` beyond 2^53, `{"double"}` for infinities, `{"map": [[key, value], …]}`. */
export function replyJson(reply: KeyReply): unknown {
  if (typeof reply === 'bigint') return Number.isSafeInteger(Number(reply)) ? Number(reply) : { integer: String(reply) };
  if (typeof reply === 'number') return Number.isFinite(reply) ? reply : { double: reply > 0 ? 'inf' : reply < 0 ? '-inf' : 'nan' };
  if (typeof reply !== 'object' || reply === null) return reply;
  if (reply instanceof Uint8Array) return textOf(reply) ?? { base64: Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString('base64') };
  if ('pairs' in reply) return { map: reply.pairs.map(([key, value]) => [replyJson(key), replyJson(value)]) };
  return reply.map(replyJson);
}

/** What `replyJson` wrote; texts as bytes. */
export function replyOfJson(json: unknown): KeyReply {
  if (typeof json === 'string') return Buffer.from(json);
  if (typeof json !== 'object' || json === null) return json as KeyReply;
  if (Array.isArray(json)) return json.map(replyOfJson);
  if ('base64' in json) return Buffer.from(String(json.base64), 'base64');
  if ('integer' in json) return BigInt(String(json.integer));
  if ('double' in json) return json.double === 'nan' ? Number.NaN : json.double === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return { pairs: (json as { map: [unknown, unknown][] }).map.map(([key, value]) => [replyOfJson(key), replyOfJson(value)] as const) };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
