// What runs and what is open in this gateway, as currentOp and the stages $currentOp, $listSessions and
// $listLocalSessions show it: of one's own role, unless a superuser asks $currentOp for all users.

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { Binary, DateTime, int32, type Document, type Value } from '../../values/bson/types.ts';
import { DocumentError, type AggregateQuery } from '../../facets/documents/index.ts';
import type { CommandContext } from './command.ts';
import type { MongodbConnection } from './connection.ts';
import { latencyStatistics } from './latency-statistics.ts';
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
    host: `${hostname()}:${context.server.port}`,
    operations(options) {
      if (options.get('truncateOps') === true) throw new DocumentError('CommandNotSupported', '$currentOp: truncateOps is not supported: operations are listed whole');
      if (options.get('allUsers') === true && !context.connection.isSuperuser) throw new DocumentError('Unauthorized', 'not authorized on admin to execute $currentOp with allUsers: only superusers are');
      return [...operationEntries(context, options)];
    },
    sessions: () => ownSessions(context).map(sessionEntry),
    latencies: ({ database, collection }, { histograms }) => latencyStatistics(context.server.times.of(`${database}.${collection}`), histograms),
  };
}

function* operationEntries({ server, operation: { role } }: CommandContext, options: Document): Generator<Document> {
  const isShown = (owner: string | undefined): boolean => options.get('allUsers') === true || owner === role;
  const connections = [...server.connections.values()].filter((connection) => isShown(connection.role));
  for (const connection of connections) {
    if (connection.running !== undefined) yield operationEntry(connection);
    else if (options.get('idleConnections') === true) yield connectionEntry(connection, false);
  }
  // Only sessions with an open transaction hold anything.
  if (options.get('idleSessions') !== false) {
    const busy = new Set(connections.map(({ running }) => running?.context.session));
    for (const session of server.sessions.all()) if (isShown(session.role) && session.isInTransaction && !busy.has(session)) yield idleSessionEntry(session);
  }
  if (options.get('idleCursors') === true) yield* server.cursors.idleEntries(isShown);
}

function ownSessions({ server, operation }: CommandContext): LogicalSession[] {
  return server.sessions.of(operation.role);
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
