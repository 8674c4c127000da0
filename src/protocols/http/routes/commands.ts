// POST /commands/…: one command in a model's own language.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { wholeNumber } from '../decimal-text.ts';
import { once } from '../idempotency.ts';
import { keyRequest } from '../key-reply.ts';
import { perform } from '../operations.ts';
import { jsonOutcome, sendOutcome } from '../outcome.ts';
import { parsed } from '../request-error.ts';
import type { StoreRoutes } from '../store-routes.ts';

export const commandParameters = z.object({ database: z.string().min(1) });
export const keyCommandParameters = z.object({ database: wholeNumber(z.number().int().min(0).max(15)) });
export const formQuery = z.strictObject({ form: z.enum(['relaxed', 'canonical']).default('relaxed') });
const command = z.record(z.string(), z.unknown());

export function addCommandRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  app.post('/commands/documents/:database', async (request, reply) => {
    const work = { request, access: access(), caller: await caller(request), signal: signalOf(request), isolation: 'repeatable read' } as const;
    const { database } = parsed(commandParameters, request.params, 'path');
    const { form } = parsed(formQuery, request.query, 'query');
    const operation = { documents: parsed(command, request.body), database };
    return await sendOutcome(reply, await once(work, async (place) => jsonOutcome(await perform(access(), place, operation, { field: 'body', form }))));
  });
  app.post('/commands/keys/:database', async (request, reply) => {
    const work = { request, access: access(), caller: await caller(request), signal: signalOf(request), isolation: 'read committed' } as const;
    const { database } = parsed(keyCommandParameters, request.params, 'path');
    const operation = { keys: parsed(keyRequest, request.body), database };
    return await sendOutcome(reply, await once(work, async (place) => jsonOutcome({ reply: await perform(access(), place, operation, { field: 'body' }) })));
  });
}
