// Sessions and transactions as commands.

import { DocumentError } from '../../../facets/documents/index.ts';
import { Binary, int32, type Value } from '../../../values/bson/types.ts';
import { randomUUID } from 'node:crypto';
import { type CommandContext, command } from '../command.ts';
import { anyValue, arrayOf, object, optional, readFields, required, text, unsupported } from '../fields.ts';
import { readSessionId } from '../generic-fields.ts';
import { mongodbLimits } from '../limits.ts';

export const startSession = command({
  name: 'startSession',
  summary: 'Gives a new session.',
  fields: { startSession: required(anyValue) },
  run: () => {
    const id = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), 4);
    return new Map<string, Value>([['id', new Map([['id', id]])], ['timeoutMinutes', int32(mongodbLimits.sessionTimeoutMs / 60_000)]]);
  },
});

const sessionIds = arrayOf(readSessionId);

const userFields = { user: required(text), db: required(text) } as const;

const patternFields = {
  lsid: optional(readSessionId),
  uid: unsupported('sessions are told apart by the names of their users'),
  users: optional(arrayOf((value, path) => readFields(object(value, path), userFields, { path }))),
  roles: unsupported('it concerns routers of sharded clusters'),
} as const;

export const endSessions = command({
  name: 'endSessions',
  summary: 'Ends sessions of one’s own.',
  apiVersion1: true,
  fields: { endSessions: required(sessionIds) },
  run: async ({ endSessions: ids }, context) => await endAll(ids, context),
});

export const killSessions = command({
  name: 'killSessions',
  summary: 'Ends sessions of one’s own, and what runs in them.',
  apiVersion1: true,
  fields: { killSessions: required(sessionIds) },
  run: async ({ killSessions: ids }, context) => await endAll(ids.length === 0 ? idsOf(context) : ids, context),
});

export const killAllSessions = command({
  name: 'killAllSessions',
  summary: 'Ends all sessions of one’s own.',
  fields: { killAllSessions: required(arrayOf((value, path) => readFields(object(value, path), userFields, { path }))) },
  run: async ({ killAllSessions: users }, context) => {
    const { role } = context.operation;
    return users.length === 0 || users.some(({ user }) => user === role) ? await endAll(idsOf(context), context) : new Map();
  },
});

export const killAllSessionsByPattern = command({
  name: 'killAllSessionsByPattern',
  summary: 'Ends sessions of one’s own that have an id, or all.',
  fields: { killAllSessionsByPattern: required(arrayOf((value, path) => readFields(object(value, path), patternFields, { path }))) },
  run: async ({ killAllSessionsByPattern: patterns }, context) => {
    const isMeant = (id: Uint8Array): boolean =>
      patterns.length === 0 || patterns.some(({ lsid, users }) => (lsid === undefined || Buffer.compare(lsid, id) === 0) && (users === undefined || users.some(({ user }) => user === context.operation.role)));
    return await endAll(idsOf(context).filter(isMeant), context);
  },
});

/** Those of the role that asks: nobody sees another's. */
function idsOf({ server, operation }: CommandContext): Uint8Array[] {
  return server.sessions.of(operation.role).map(({ id }) => id);
}

export const refreshSessions = command({
  name: 'refreshSessions',
  summary: 'Keeps sessions from being reaped.',
  apiVersion1: true,
  fields: { refreshSessions: required(sessionIds) },
  run: ({ refreshSessions: ids }, { server, operation }) => {
    for (const id of ids) server.sessions.use(id, operation.role);
    return new Map();
  },
});

async function endAll(ids: readonly Uint8Array[], { server, operation }: CommandContext): Promise<Map<string, Value>> {
  for (const id of ids) {
    const session = server.sessions.find(id, operation.role);
    await server.cursors.closeOf(Buffer.from(id).toString('hex'));
    if (session !== undefined) await server.sessions.end(session);
  }
  return new Map();
}

const endingFields = { recoveryToken: optional(object) } as const;

export const commitTransaction = command({
  name: 'commitTransaction',
  summary: 'Commits the session’s transaction; once more, if it was committed already.',
  adminOnly: true,
  concern: 'write',
  inTransaction: true,
  apiVersion1: true,
  fields: { commitTransaction: required(anyValue), ...endingFields },
  run: async (_fields, context) => {
    const { session, txnNumber } = transactionOf(context);
    await context.server.cursors.closeOf(session.name, txnNumber);
    await session.commit(txnNumber);
    return new Map();
  },
});

export const abortTransaction = command({
  name: 'abortTransaction',
  summary: 'Rolls the session’s transaction back.',
  adminOnly: true,
  concern: 'write',
  inTransaction: true,
  apiVersion1: true,
  fields: { abortTransaction: required(anyValue), ...endingFields },
  run: async (_fields, context) => {
    const { session, txnNumber } = transactionOf(context);
    await context.server.cursors.closeOf(session.name, txnNumber);
    await session.abort(txnNumber);
    return new Map();
  },
});

function transactionOf({ session, txnNumber, name, body }: CommandContext): { readonly session: NonNullable<CommandContext['session']>; readonly txnNumber: bigint } {
  if (session !== undefined && txnNumber !== undefined && body.get('autocommit') === false) return { session, txnNumber };
  throw new DocumentError('CommandFailed', `${name} must be run within a transaction`);
}

