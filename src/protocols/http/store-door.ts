// The routes over the store: there from the beginning, and open once the store is.

import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FacetError } from '../../kernel/errors.ts';
import { Callers, transactionHeader } from './caller.ts';
import { addCommandRoutes } from './routes/commands.ts';
import { addDataRoutes } from './routes/data.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addReferenceRoutes } from './routes/reference.ts';
import { addSqlRoute } from './routes/sql.ts';
import { addTokenRoutes } from './routes/tokens.ts';
import { addTransactionRoutes } from './routes/transactions.ts';
import { OpenTransactions } from './open-transactions.ts';
import type { StoreAccess } from './store-access.ts';
import type { StoreRoutes } from './store-routes.ts';

export class StoreDoor {
  readonly #transactions = new OpenTransactions();
  #open: { readonly access: StoreAccess; readonly callers: Callers } | undefined;

  open(access: StoreAccess): void {
    this.#open = { access, callers: new Callers(access) };
  }

  /** Rolls back what clients hold open. */
  async close(): Promise<void> {
    await this.#transactions.close();
  }

  addRoutes(app: FastifyInstance): void {
    const opened = (): { readonly access: StoreAccess; readonly callers: Callers } => {
      if (this.#open === undefined) throw new FacetError('engine_unavailable', 'the store is being opened');
      return this.#open;
    };
    const routes: StoreRoutes = {
      access: () => opened().access,
      caller: (request) => {
        const token = request.headers[transactionHeader];
        if (typeof token === 'string') this.#transactions.touch(token);
        return opened().callers.identify(request);
      },
      signalOf,
      forgetCallers: () => opened().callers.forget(),
    };
    addSqlRoute(app, routes);
    addTransactionRoutes(app, routes, this.#transactions);
    addCommandRoutes(app, routes);
    addDataRoutes(app, routes);
    addKeyRoutes(app, routes);
    addTokenRoutes(app, routes);
    addReferenceRoutes(app, routes);
  }
}

/** A connection serves many requests: they share one listener. */
const hangUps = new WeakMap<Socket, AbortController>();

function signalOf({ raw: { socket } }: FastifyRequest): AbortSignal {
  const known = hangUps.get(socket);
  if (known !== undefined) return known.signal;
  const hangUp = new AbortController();
  hangUps.set(socket, hangUp);
  socket.once('close', () => hangUp.abort());
  return hangUp.signal;
}
