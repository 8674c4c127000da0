// /tokens: bearer tokens, issued for a role, listed, revoked.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FacetError } from '../../../kernel/errors.ts';
import { parsed } from '../request-error.ts';
import type { StoreRoutes } from '../store-routes.ts';

export const tokenBody = z.strictObject({
  role: z.string().min(1).optional().describe('Whom the token acts as. Default: oneself.'),
  expiresInSeconds: z.number().int().min(1).default(3_600),
  description: z.string().max(200).default(''),
});
const tokenParameters = z.object({ id: z.uuid() });

export function addTokenRoutes(app: FastifyInstance, { access, caller, forgetCallers }: StoreRoutes): void {
  app.post('/tokens', async (request, reply) => {
    const { role: issuer } = await caller(request);
    const { role = issuer, expiresInSeconds, description } = parsed(tokenBody, request.body ?? {});
    return await reply.code(201).send(await access().tokens.issue({ issuer, role, lifetimeMs: expiresInSeconds * 1_000, description }));
  });
  app.get('/tokens', async (request) => ({ tokens: await access().tokens.list((await caller(request)).role) }));
  app.delete('/tokens/:id', async (request, reply) => {
    const { role } = await caller(request);
    const parameters = tokenParameters.safeParse(request.params);
    if (!parameters.success) throw new FacetError('object_unknown', 'there is no such token');
    await access().tokens.revoke(role, parameters.data.id);
    forgetCallers();
    return await reply.code(204).send();
  });
}
