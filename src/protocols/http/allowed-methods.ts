// Which methods a path has, for the answer to the others (RFC 9110, "405 Method Not Allowed").

import type { FastifyInstance } from 'fastify';

type Route = { readonly pattern: RegExp; readonly methods: readonly string[] };

export class AllowedMethods {
  readonly #routes: Route[] = [];

  /** Learns of every route that is added from now on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', ({ url, method }) => {
      const pattern = new RegExp(`^${url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.'))).join('/')}$`);
      this.#routes.push({ pattern, methods: [method].flat() });
    });
  }

  /** Empty for a path that there is not. */
  of(path: string): string[] {
    return [...new Set(this.#routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].toSorted();
  }
}
