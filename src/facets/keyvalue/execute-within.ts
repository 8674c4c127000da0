// Executes a request in a transaction that others opened: what it changes is written at once, for whoever works in the
// transaction next, and holds when that is committed. Nobody waits in it, and nobody who waits is served before the commit,
// when the store wakes them.

import type { Connection } from '../../engine/client.ts';
import { keyLookupParameters } from '../../engine/key-lookup-parameters.ts';
import type { StoreTransaction } from '../../engine/store-transaction.ts';
import { Blocked, BlockedClients } from './blocked-clients.ts';
import { type GroupContext, newAttempt, runAll, writeChanges } from './execute-group.ts';
import type { KeyRequest } from './key-request.ts';

const nobody = new BlockedClients({ onFirst: () => {}, onLast: () => {} });

/** The settings of PostgreSQL's planner that the statements of this facet are written for, and back to the session's own. */
const plannerSettings = Object.entries(keyLookupParameters).map(([name, value]) => `set local ${name} = ${value}`).join('; ');
const sessionSettings = Object.keys(keyLookupParameters).map((name) => `reset ${name}`).join('; ');

/** Gives the request's reply, or the error that is its reply; throws when PostgreSQL failed the transaction. */
export async function executeWithin(transaction: StoreTransaction, request: KeyRequest, context: GroupContext): Promise<unknown> {
  const { unit, replies } = await transaction.use((connection) => withPlanner(connection, () => run(connection, request, context)));
  if (unit.events.length > 0) {
    transaction.onEnd((outcome) => {
      if (outcome === 'committed') context.onEvents(unit.events.inOrder());
    });
  }
  return replies[0];
}

async function run(connection: Connection, request: KeyRequest, context: GroupContext): Promise<ReturnType<typeof newAttempt>> {
  const within: GroupContext = { ...context, isApart: true, blocked: nobody, known: undefined };
  const attempt = newAttempt(within);
  attempt.inTransaction = true;
  const atOnce: KeyRequest = {
    ...request,
    // As in MULTI: who would wait is told what it would be told in the end.
    run: (unit) => {
      const reply = request.run(unit);
      return reply instanceof Blocked ? reply.timeoutReply : reply;
    },
  };
  await runAll(connection, [atOnce], within, attempt);
  await writeChanges(connection, attempt.unit);
  return attempt;
}

async function withPlanner<T>(connection: Connection, body: () => Promise<T>): Promise<T> {
  await connection.command(plannerSettings);
  const result = await body();
  await connection.command(sessionSettings);
  return result;
}
