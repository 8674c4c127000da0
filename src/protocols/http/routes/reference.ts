// GET /openapi.json: what the caller's role can see. GET /docs: a page that shows it.

import type { FastifyInstance } from 'fastify';
import { httpLimits } from '../limits.ts';
import { docsFiles, docsPolicy } from '../openapi/docs-page.ts';
import { openApiOf } from '../openapi/openapi.ts';
import type { StoreRoutes } from '../store-routes.ts';

export function addReferenceRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  app.get('/openapi.json', async (request) => {
    const place = { ...(await caller(request)), signal: signalOf(request) };
    const { tables, requiresAuthentication } = access();
    return openApiOf(await tables.describeAll(place, httpLimits.describedRelations), { requiresAuthentication });
  });
  for (const { path, type, content } of docsFiles) {
    app.get(path, async (_request, reply) => await reply.type(type).header('content-security-policy', docsPolicy).send(content));
  }
}
