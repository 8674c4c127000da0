// GET /health and its two halves, for people, balancers and orchestrators: live (this process answers) and ready (requests
// can be served). 200 when it holds, 503 when not, with the reason in the body.

import type { FastifyInstance } from 'fastify';

export type Health = {
  readonly ready: boolean;
  /** What readiness depends on, by name. */
  readonly checks: Readonly<Record<string, 'up' | 'down' | 'stopping'>>;
};

export function addHealthRoutes(app: FastifyInstance, health: () => Promise<Health>): void {
  app.get('/health/live', () => ({ live: true }));
  for (const path of ['/health', '/health/ready']) {
    app.get(path, async (_request, reply) => {
      const { ready, checks } = await health();
      return reply.code(ready ? 200 : 503).send({ live: true, ready, checks });
    });
  }
}
