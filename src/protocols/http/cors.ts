// Pages of other origins (the Fetch standard, "CORS protocol"): refused by every browser unless their origin is named.

import type { FastifyInstance } from 'fastify';

const exposed = 'etag, link, location, preference-applied';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const requestHeaders = 'authorization, content-type, accept, prefer, if-match, if-none-match, idempotency-key, facetdb-transaction';
const preflightSeconds = 600;

/** `origins`: `https://app.example`, or `*` for all. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    void reply.header('vary', 'origin');
    if (origin === undefined || !(origins.includes(origin) || origins.includes('*'))) return done();
    void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    void reply.code(204).headers({ 'access-control-allow-methods': methods, 'access-control-allow-headers': requestHeaders, 'access-control-max-age': String(preflightSeconds) }).send();
  });
}
