// GET /metrics: the server's measurements in Prometheus' text format, as the caller of HttpProtocol.start renders them.

import type { FastifyInstance } from 'fastify';

export type MetricsPage = { readonly contentType: string; readonly body: string };

export function addMetricsRoute(app: FastifyInstance, metrics: () => Promise<MetricsPage>): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.type(contentType).send(body);
  });
}
