// What runs and what is open in this gateway, as currentOp and the stages $currentOp, $listSessions and
// $listLocalSessions show it: of one's own role.

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { Binary, DateTime, int32, type Document, type Value } from '../../values/bson/types.ts';
import { DocumentError, type AggregateQuery } from '../../facets/documents/index.ts';
import type { CommandContext } from './command.ts';
import type { MongodbConnection } from './connection.ts';
import type { LogicalSession } from './sessions.ts';

const uuidSubtype = 4;

export function* runningOperations({ server, connection }: CommandContext): Generator<MongodbConnection> {
  for (const other of server.connections.values()) if (other.running !== undefined && other.role === connection.role) yield other;
}

export function operationEntry(connection: MongodbConnection): Document {
  const running = connection.running!;
  const entry = connectionEntry(connection, true);
  const fields: [string, Value][] = [
    ['opid', int32(running.opId)], ['secs_running', BigInt(Math.floor((Date.now() - running.startedAtMs) / 1_000))], ['microsecs_running', BigInt(Date.now() - running.startedAtMs) * 1_000n],
    ['op', 'command'], ['ns', `${running.context.database}.$cmd`], ['command', running.body],
  ];
  for (const [name, value] of fields) entry.set(name, value);
  return entry;
}

function connectionEntry({ address, appName, id }: MongodbConnection, isActive: boolean): Document {
  return new Map<string, Value>([
    ['type', 'op'], ['host', hostname()], ['connectionId', int32(id)], ['client', address], ...(appName === undefined ? [] : [['appName', appName] as [string, Value]]), ['active', isActive],
  ]);
}

/** For the stages of an aggregation. */
export function listingsFor(context: CommandContext): NonNullable<AggregateQuery['listings']> {
  return {
    operations(options) {
      if (options.get('truncateOps') === true) throw new DocumentError('CommandNotSupported', '$currentOp: truncateOps is not supported: operations are listed whole');
      return [...operationEntries(context, options)];
    },
    sessions: () => ownSessions(context).map(sessionEntry),
  };
}

function* operationEntries(context: CommandContext, options: Document): Generator<Document> {
  const { server, connection, operation } = context;
  for (const running of runningOperations(context)) yield operationEntry(running);
  if (options.get('idleConnections') === true) {
    for (const other of server.connections.values()) if (other.running === undefined && other.role === connection.role) yield connectionEntry(other, false);
  }
  // Only sessions with an open transaction hold anything.
  if (options.get('idleSessions') !== false) {
    for (const session of ownSessions(context)) if (session.isInTransaction && !isRunning(context, session)) yield idleSessionEntry(session);
  }
  if (options.get('idleCursors') === true) yield* server.cursors.idleEntries(operation.role);
}

function ownSessions({ server, operation }: CommandContext): LogicalSession[] {
  return server.sessions.of(operation.role);
}

function isRunning(context: CommandContext, session: LogicalSession): boolean {
  for (const { running } of runningOperations(context)) if (running?.context.session === session) return true;
  return false;
}

function idleSessionEntry(session: LogicalSession): Document {
  return new Map<string, Value>([
    ['type', 'idleSession'], ['host', hostname()], ['desc', 'inactive transaction'], ['lsid', sessionId(session)], ['active', false],
    ['transaction', new Map([['parameters', new Map([['txnNumber', session.txnNumber]])]])],
  ]);
}

function sessionEntry(session: LogicalSession): Document {
  return new Map<string, Value>([['_id', sessionId(session)], ['lastUse', new DateTime(BigInt(session.lastUsedMs))], ['user', session.role]]);
}

/** A session's id is one with the digest of its user. */
function sessionId({ id, role }: LogicalSession): Document {
  return new Map<string, Value>([['id', new Binary(id, uuidSubtype)], ['uid', new Binary(createHash('sha256').update(role).digest(), 0)]]);
}
