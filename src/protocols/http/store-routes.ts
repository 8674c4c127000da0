// What the routes over the store share: access to it once it is open, and who a request is from.

import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';
import type { StoreAccess } from './store-access.ts';

export type StoreRoutes = {
  /** Errors: `engine_unavailable` while the store is being opened. */
  readonly access: () => StoreAccess;
  /** As `Callers.identify`. */
  readonly caller: (request: FastifyRequest) => Caller | Promise<Caller>;
  /** Aborted when the client hangs up before it was answered. */
  readonly signalOf: (request: FastifyRequest) => AbortSignal;
  /** What was proven of callers is looked up anew. */
  readonly forgetCallers: () => void;
};
