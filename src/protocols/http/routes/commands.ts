// POST /commands/…: one command in a model's own language.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { keyRequest } from '../key-reply.ts';
import { perform } from '../operations.ts';
import { parsed } from '../request-error.ts';
import type { StoreRoutes } from '../store-routes.ts';

const documentParameters = z.object({ database: z.string().min(1) });
const keyParameters = z.object({ database: z.coerce.number().int().min(0).max(15) });
const formQuery = z.strictObject({ form: z.enum(['relaxed', 'canonical']).default('relaxed') });
const command = z.record(z.string(), z.unknown());

export function addCommandRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  app.post('/commands/documents/:database', async (request) => {
    const place = { ...(await caller(request)), signal: signalOf(request) };
    const { database } = parsed(documentParameters, request.params, 'path');
    const { form } = parsed(formQuery, request.query, 'query');
    return await perform(access(), place, { documents: parsed(command, request.body), database }, { field: 'body', form });
  });
  app.post('/commands/keys/:database', async (request) => {
    const place = { ...(await caller(request)), signal: signalOf(request) };
    const { database } = parsed(keyParameters, request.params, 'path');
    return { reply: await perform(access(), place, { keys: parsed(keyRequest, request.body), database }, { field: 'body' }) };
  });
}
