// POST /transaction: a list of operations over all models, one commit. /transactions: one that stays open over several
// requests, which name it by the header FacetDB-Transaction; other protocols may join it.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { once, refuseIdempotency } from '../idempotency.ts';
import type { OpenTransactions } from '../open-transactions.ts';
import { operationSchema, perform } from '../operations.ts';
import { httpLimits } from '../limits.ts';
import { jsonOutcome, sendOutcome } from '../outcome.ts';
import { RequestError, parsed } from '../request-error.ts';
import type { StoreRoutes } from '../store-routes.ts';
import { inTransaction } from '../within-transaction.ts';

const isolation = z.enum(['read committed', 'repeatable read', 'serializable']).default('serializable');
export const listBody = z.strictObject({ operations: z.array(operationSchema).min(1).max(httpLimits.operations), isolation });
export const openBody = z.strictObject({ isolation, readOnly: z.boolean().default(false) });
export const tokenParameters = z.object({ token: z.string() });

export function addTransactionRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes, open: OpenTransactions): void {
  app.post('/transaction', async (request, reply) => {
    const from = await caller(request);
    if (from.transaction !== undefined) throw new RequestError('facetdb-transaction', 'a transaction of its own cannot be a part of another');
    const { operations, isolation: level } = parsed(listBody, request.body);
    const store = access();
    const work = { request, access: store, caller: from, signal: signalOf(request), isolation: level };
    const outcome = await once(work, async (place) =>
      inTransaction(store, place, level, async (transaction) => {
        const results: unknown[] = [];
        for (const [index, operation] of operations.entries()) results.push(await perform(store, { ...place, transaction }, operation, { field: `operations[${index}]` }));
        return jsonOutcome({ results });
      }),
    );
    return await sendOutcome(reply, outcome);
  });

  app.post('/transactions', async (request, reply) => {
    const { role } = await caller(request);
    refuseIdempotency(request, 'an open transaction is not kept');
    const store = access();
    const transaction = await store.transactions.begin(role, parsed(openBody, request.body ?? {}));
    try {
      const token = store.transactions.share(transaction);
      open.add(token, transaction);
      return await reply.code(201).send({ token });
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  });

  for (const ending of ['commit', 'rollback'] as const) {
    app.post(`/transactions/:token/${ending}`, async (request, reply) => {
      const { role } = await caller(request);
      await open.find(parsed(tokenParameters, request.params).token, role)[ending]();
      return await reply.code(204).send();
    });
  }
}
