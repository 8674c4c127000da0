// The header Idempotency-Key: a request that is sent again with the same key is answered as the first time, and does nothing.

import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';
import { httpLimits } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { RequestError } from './request-error.ts';
import type { CommandPlace, StoreAccess } from './store-access.ts';

const idempotencyHeader = 'idempotency-key';

export type IdempotentWork = {
  readonly request: FastifyRequest;
  readonly access: StoreAccess;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly isolation: 'read committed' | 'repeatable read' | 'serializable';
};

/** Runs `work` where the request is new or has no key; in a transaction with the record of its reply where it has one. */
export async function once({ request, access, caller, signal, isolation }: IdempotentWork, work: (place: CommandPlace) => Promise<Outcome>): Promise<Outcome> {
  const key = keyOf(request);
  if (key === undefined) return await work({ ...caller, signal });
  if (caller.transaction !== undefined) throw new RequestError(idempotencyHeader, 'what belongs to an open transaction is not kept on its own');
  const hash = createHash('sha256').update(JSON.stringify([request.method, request.url, request.headers['content-type'] ?? '', request.headers.prefer ?? '', request.body ?? null])).digest();
  return await access.idempotent.run({ role: caller.role, key, hash, options: { isolation } }, (transaction) => work({ role: caller.role, transaction, signal }));
}

/** Throws RequestError for a key that the request may not have. */
export function refuseIdempotency(request: FastifyRequest, reason: string): void {
  if (request.headers[idempotencyHeader] !== undefined) throw new RequestError(idempotencyHeader, reason);
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers[idempotencyHeader];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key === '' || key.length > httpLimits.idempotencyKeyLength) throw new RequestError(idempotencyHeader, `expected a text of 1 to ${httpLimits.idempotencyKeyLength} characters`);
  return key;
}
