// Bodies of JSON as text and value: what goes to PostgreSQL goes as it came, so that no number loses a digit.

import type { FastifyInstance } from 'fastify';

/** From now on, within `scope`, `request.body` of these media types is a JsonBody. */
export function takeJsonBodies(scope: FastifyInstance, types: readonly string[]): void {
  // Refuses names that would change prototypes.
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser(['application/json', 'text/plain']);
  for (const type of types) {
    scope.addContentTypeParser(type, { parseAs: 'string' }, (request, text, done) => {
      parse.call(scope, request, text as string, (error, value) => done(error, error === null || error === undefined ? { text, value: value as unknown } : undefined));
    });
  }
}
